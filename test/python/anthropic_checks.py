"""Anthropic's Python SDK against the gateway. Arguments: base URL, model."""

import json
import sys

import anthropic
from anthropic import Anthropic
from checks import check, equal, main, raises

BASE, MODEL = sys.argv[1:3]
HELLO = "Hello from the mock."
STORY = "Once upon a time a gateway stood at a wide river, and everyone who came was let across, one after another."
REASONING = "The user wants to know whether I can think. I can."
CALLS = [
    ("call_paris", "get_weather", {"city": "Paris", "unit": "celsius"}),
    ("call_rome", "get_time", {"zone": "Europe/Rome", "format": 'with "quotes" and ünïcode'}),
]
TOOLS = [{"name": name, "input_schema": {"type": "object", "properties": {}}} for _, name, _ in CALLS]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
IS_FOREIGN = "claude" not in MODEL

client = Anthropic(api_key="unused", base_url=BASE, max_retries=0)
messages = client.messages


def user(text):
    return [{"role": "user", "content": text}]


def ask(text, **more):
    return messages.create(model=MODEL, max_tokens=5000, messages=user(text), **more)


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def equal_usage(usage):
    equal((usage.input_tokens, usage.output_tokens), (11, 7))


def equal_calls(message):
    equal([(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"], CALLS)


@check("a message: text, stop reason, usage")
def _():
    answer = ask("Hello!", system="Be brief.", stop_sequences=["END"])
    equal((answer.type, answer.role, answer.stop_reason), ("message", "assistant", "end_turn"))
    equal(text_of(answer), HELLO)
    equal_usage(answer.usage)


@check("a raw stream: its events in order")
def _():
    events = list(ask("Tell a story.", stream=True))
    types = [event.type for event in events]
    equal(types[:2], ["message_start", "content_block_start"])
    equal(types[-3:], ["content_block_stop", "message_delta", "message_stop"])
    equal("".join(event.delta.text for event in events if event.type == "content_block_delta"), STORY)
    equal((events[-2].delta.stop_reason, events[-2].usage.output_tokens), ("end_turn", 7))


@check("the stream helper: text_stream and the final message with its usage")
def _():
    with messages.stream(model=MODEL, max_tokens=500, messages=user("Tell a story.")) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    equal("".join(pieces), STORY)
    assert len(pieces) > 5
    equal(text_of(final), STORY)
    equal(final.stop_reason, "end_turn")
    equal_usage(final.usage)


@check("two tool calls at once")
def _():
    answer = ask("What is the weather?", tools=TOOLS)
    equal(answer.stop_reason, "tool_use")
    equal_calls(answer)


@check("two tool calls at once behind a text, their input streamed in pieces")
def _():
    pieces = 0
    with messages.stream(
        model=MODEL, max_tokens=500, messages=user("Please look and call."), tools=TOOLS
    ) as stream:
        for event in stream:
            if event.type == "input_json" and event.partial_json:
                pieces += 1
        final = stream.get_final_message()
    assert pieces > 4, pieces
    equal([block.type for block in final.content], ["text", "tool_use", "tool_use"])
    equal(final.stop_reason, "tool_use")
    equal_calls(final)


@check("the tools' results go back, with the SDK's own blocks in the conversation")
def _():
    first = ask("What is the weather?", tools=TOOLS)
    results = [{"type": "tool_result", "tool_use_id": id, "content": "18 degrees, noon"} for id, _, _ in CALLS]
    conversation = [
        *user("What is the weather?"),
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": results},
    ]
    answer = messages.create(model=MODEL, max_tokens=500, messages=conversation, tools=TOOLS)
    equal(text_of(answer), "18 degrees in Paris, noon in Rome.")


@check("thinking comes in blocks, plain and streamed, and goes back unharmed")
def _():
    thinking = {"type": "enabled", "budget_tokens": 2000}
    plain = ask("Can you think?", thinking=thinking)
    with messages.stream(
        model=MODEL, max_tokens=5000, messages=user("Can you think?"), thinking=thinking
    ) as stream:
        streamed = stream.get_final_message()
    for message in [plain, streamed]:
        equal([block.type for block in message.content], ["thinking", "text"])
        equal(message.content[0].thinking, REASONING)
        equal(text_of(message), "Yes.")
        if not IS_FOREIGN:
            equal(message.content[0].signature, "c2lnbmF0dXJlLW9mLXRoZS1tb2Nr")
    conversation = [
        *user("Can you think?"),
        {"role": "assistant", "content": plain.content},
        *user("Hello!"),
    ]
    answer = messages.create(model=MODEL, max_tokens=5000, messages=conversation, thinking=thinking)
    equal(text_of(answer), HELLO)


@check("structured output keeps its schema")
def _():
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    answer = ask(
        "Alice and Bob go to a science fair on Friday.",
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )
    equal(json.loads(text_of(answer))["name"], "Science Fair")


@check("an image goes along")
def _():
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    answer = messages.create(
        model=MODEL,
        max_tokens=50,
        messages=[{"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]}],
    )
    equal(text_of(answer), HELLO)


@check("stop reasons: max_tokens and refusal")
def _():
    equal(ask("This will be cut short.").stop_reason, "max_tokens")
    equal(ask("This will be filtered.").stop_reason, "refusal")


@check("AsyncAnthropic, ten streams at once")
def _():
    import asyncio

    async def one(other):
        async with other.messages.stream(model=MODEL, max_tokens=500, messages=user("Tell a story.")) as stream:
            return await stream.get_final_text()

    async def ten():
        async with anthropic.AsyncAnthropic(api_key="unused", base_url=BASE, max_retries=0) as other:
            return await asyncio.gather(*(one(other) for _ in range(10)))

    equal(asyncio.run(ten()), [STORY] * 10)


NAMED = MODEL if "/" in MODEL else f"anthropic/{MODEL}"

for status, kind, type_ in [
    (400, anthropic.BadRequestError, "invalid_request_error"),
    (401, anthropic.AuthenticationError, "authentication_error"),
    (403, anthropic.PermissionDeniedError, "permission_error"),
    (404, anthropic.NotFoundError, "not_found_error"),
    (422, anthropic.UnprocessableEntityError, "invalid_request_error"),
    (429, anthropic.RateLimitError, "rate_limit_error"),
    (500, anthropic.InternalServerError, "api_error"),
]:

    @check(f"the provider's {status} is a {kind.__name__}")
    def _(status=status, kind=kind, type_=type_):
        for stream in [False, True]:
            error = raises(
                kind,
                lambda: messages.create(
                    model=NAMED, max_tokens=50, messages=user(f"please fail with {status}"), stream=stream
                ),
            )
            equal(error.status_code, status)
            equal((error.body["type"], error.body["error"]["type"]), ("error", type_))
            assert f"The mock failed with {status}." in error.body["error"]["message"]


@check("the gateway's own refusals: an unknown provider, an unknown virtual key")
def _():
    error = raises(
        anthropic.NotFoundError,
        lambda: messages.create(model="groq/llama", max_tokens=5, messages=user("Hi")),
    )
    assert "groq" in error.body["error"]["message"]
    stranger = Anthropic(api_key="sk-bf-unknown", base_url=BASE, max_retries=0)
    raises(
        anthropic.AuthenticationError,
        lambda: stranger.messages.create(model=NAMED, max_tokens=5, messages=user("Hi")),
    )


main()
