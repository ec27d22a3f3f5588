"""Embeddings and models by OpenAI's Python SDK. Arguments: base URL, embedding model."""

import sys

from checks import check, equal, main
from openai import OpenAI

BASE, MODEL = sys.argv[1:3]
client = OpenAI(api_key="unused", base_url=BASE, max_retries=0)


@check("embeddings, in the encoding that the SDK asks for by itself")
def _():
    answer = client.embeddings.create(model=MODEL, input=["one", "two"])
    equal([(one.index, one.embedding) for one in answer.data], [(0, [0.25, -0.5, 0.125]), (1, [0.25, -0.5, 0.125])])


@check("the list of models")
def _():
    ids = {model.id for model in client.models.list()}
    assert {"openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-3-5-sonnet-20241022"} <= ids, ids


main()
