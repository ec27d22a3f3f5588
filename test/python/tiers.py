"""S6 as a Python program does it: the virtual key is the api_key, the gateway the base_url, and nothing else."""

import openai
from checks import check, equal, main, raises
from openai import OpenAI

QUESTION = [{"role": "user", "content": "Hello!"}]

free = OpenAI(api_key="vk-free-tier", base_url="http://localhost:8080/v1")
premium = OpenAI(api_key="vk-premium", base_url="http://localhost:8080/v1")


def ask(client, model):
    return client.chat.completions.create(model=model, messages=QUESTION).choices[0].message.content


@check("the free tier has gpt-4o-mini")
def _():
    equal(ask(free, "gpt-4o-mini"), "Hello from the mock.")


@check("the free tier has neither gpt-4o nor claude, however they are spelled")
def _():
    for model in ["gpt-4o", "openai/gpt-4o", "claude-3-5-sonnet-20241022", "anthropic/claude-3-5-sonnet-20241022"]:
        error = raises(openai.PermissionDeniedError, lambda: ask(free, model))
        equal(error.status_code, 403)
        assert "for this virtual key" in error.message, error.message


@check("premium has all three")
def _():
    for model in ["gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-20241022"]:
        equal(ask(premium, model), "Hello from the mock.")


@check("an unknown sk-bf- key is an AuthenticationError")
def _():
    client = OpenAI(api_key="sk-bf-unknown", base_url="http://localhost:8080/v1")
    error = raises(openai.AuthenticationError, lambda: ask(client, "gpt-4o-mini"))
    equal(error.type, "virtual_key_not_found")


@check("the models of a tier are its own")
def _():
    equal({model.id for model in free.models.list()}, {"openai/gpt-4o-mini"})


main()
