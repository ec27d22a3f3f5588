"""OpenAI's Python SDK against the gateway. Arguments: base URL, model, and `unified` where the gateway adds its fields."""

import json
import sys

import openai
from checks import check, equal, main, raises
from openai import OpenAI
from pydantic import BaseModel

BASE, MODEL, ROUTE = sys.argv[1:4]
HELLO = "Hello from the mock."
STORY = "Once upon a time a gateway stood at a wide river, and everyone who came was let across, one after another."
REASONING = "The user wants to know whether I can think. I can."
CALLS = [
    ("call_paris", "get_weather", {"city": "Paris", "unit": "celsius"}),
    ("call_rome", "get_time", {"zone": "Europe/Rome", "format": 'with "quotes" and ünïcode'}),
]
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for _, name, _ in CALLS
]
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

client = OpenAI(api_key="unused", base_url=BASE, max_retries=0)
completions = client.chat.completions


def user(text):
    return [{"role": "user", "content": text}]


def equal_usage(usage):
    equal((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (11, 7, 18))


def equal_calls(calls):
    equal([(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls], CALLS)


@check("a chat: text, stop reason, usage")
def _():
    answer = completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": "Be brief."}, *user("Hello!")],
        temperature=0.5,
        max_tokens=50,
    )
    equal(answer.choices[0].message.content, HELLO)
    equal(answer.choices[0].finish_reason, "stop")
    equal_usage(answer.usage)
    equal(hasattr(answer, "extra_fields"), ROUTE == "unified")


@check("a stream that was not asked for usage has no chunk without a choice")
def _():
    chunks = list(completions.create(model=MODEL, messages=user("Tell a story."), stream=True))
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks), STORY)
    assert len(chunks) > 5
    equal([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason], ["stop"])
    if ROUTE != "unified":
        assert all(chunk.usage is None for chunk in chunks)


@check("a stream with include_usage ends with the usage")
def _():
    chunks = list(
        completions.create(
            model=MODEL, messages=user("Tell a story."), stream=True, stream_options={"include_usage": True}
        )
    )
    equal(chunks[-1].choices, [])
    equal_usage(chunks[-1].usage)


@check("the stream helper: content events and the final completion")
def _():
    text = ""
    with completions.stream(model=MODEL, messages=user("Tell a story.")) as stream:
        for event in stream:
            if event.type == "content.delta":
                text += event.delta
        final = stream.get_final_completion()
    equal(text, STORY)
    equal(final.choices[0].message.content, STORY)


@check("two tool calls at once")
def _():
    answer = completions.create(model=MODEL, messages=user("What is the weather?"), tools=TOOLS)
    equal(answer.choices[0].finish_reason, "tool_calls")
    equal_calls(answer.choices[0].message.tool_calls)


@check("two tool calls at once, their arguments streamed in pieces")
def _():
    pieces = 0
    with completions.stream(model=MODEL, messages=user("Please look and call."), tools=TOOLS) as stream:
        for event in stream:
            if event.type == "tool_calls.function.arguments.delta" and event.arguments_delta:
                pieces += 1
        final = stream.get_final_completion()
    assert pieces > 4, pieces
    equal(final.choices[0].finish_reason, "tool_calls")
    equal(final.choices[0].message.content, "Let me look.")
    equal_calls(final.choices[0].message.tool_calls)


@check("the tools' results go back, with the SDK's own message in the conversation")
def _():
    first = completions.create(model=MODEL, messages=user("What is the weather?"), tools=TOOLS)
    results = [{"role": "tool", "tool_call_id": id, "content": "18 degrees, noon"} for id, _, _ in CALLS]
    conversation = [*user("What is the weather?"), first.choices[0].message, *results]
    answer = completions.create(model=MODEL, messages=conversation, tools=TOOLS)
    equal(answer.choices[0].message.content, "18 degrees in Paris, noon in Rome.")


class Event(BaseModel):
    name: str
    date: str
    participants: list[str]


@check("parse() makes a pydantic object, plain and streamed")
def _():
    question = user("Alice and Bob go to a science fair on Friday.")
    expected = Event(name="Science Fair", date="Friday", participants=["Alice", "Bob"])
    equal(completions.parse(model=MODEL, messages=question, response_format=Event).choices[0].message.parsed, expected)
    with completions.stream(model=MODEL, messages=question, response_format=Event) as stream:
        equal(stream.get_final_completion().choices[0].message.parsed, expected)


@check("an image goes along")
def _():
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    answer = completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])
    equal(answer.choices[0].message.content, HELLO)


@check("stop reasons: length and content filter; parse() raises its own errors for them")
def _():
    answer = completions.create(model=MODEL, messages=user("This will be cut short."))
    equal(answer.choices[0].finish_reason, "length")
    answer = completions.create(model=MODEL, messages=user("This will be filtered."))
    equal(answer.choices[0].finish_reason, "content_filter")
    for text, kind in [
        ("This will be cut short.", openai.LengthFinishReasonError),
        ("This will be filtered.", openai.ContentFilterFinishReasonError),
    ]:
        raises(kind, lambda: completions.parse(model=MODEL, messages=user(text), response_format=Event))


@check("reasoning comes beside the text")
def _():
    message = completions.create(model=MODEL, messages=user("Can you think?")).choices[0].message
    equal((message.content, message.reasoning_content), ("Yes.", REASONING))


@check("AsyncOpenAI, ten streams at once")
def _():
    import asyncio

    async def one(other):
        stream = await other.chat.completions.create(model=MODEL, messages=user("Tell a story."), stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def ten():
        async with openai.AsyncOpenAI(api_key="unused", base_url=BASE, max_retries=0) as other:
            return await asyncio.gather(*(one(other) for _ in range(10)))

    equal(asyncio.run(ten()), [STORY] * 10)


# By name: a bare model would go where no key rests after the error before.
NAMED = MODEL if "/" in MODEL else f"openai/{MODEL}"

for status, kind in {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}.items():

    @check(f"the provider's {status} is a {kind.__name__}")
    def _(status=status, kind=kind):
        for stream in [False, True]:
            error = raises(
                kind,
                lambda: completions.create(model=NAMED, messages=user(f"please fail with {status}"), stream=stream),
            )
            equal(error.status_code, status)
            assert f"The mock failed with {status}." in error.message, error.message
            assert isinstance(error.type, str)
            if status == 400 and "claude" not in NAMED:
                equal((error.param, error.code), ("temperature", "invalid_value"))


@check("the gateway's own refusals: no messages, an unknown provider")
def _():
    error = raises(openai.BadRequestError, lambda: completions.create(model=NAMED, messages=None))
    equal(error.param, "messages")
    error = raises(openai.NotFoundError, lambda: completions.create(model="groq/llama", messages=user("Hi")))
    assert "groq" in error.message


main()
