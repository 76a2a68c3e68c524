# LangChain, LiteLLM, and the request that VLMEvalKit's wrapper of the GPT-4V API sends.
import json
import os
import unittest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # read when it is imported: no prices from the network
import litellm
import requests
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field

from support import BASE, KEY, MODEL, picture_url, question, question_with_picture

litellm.telemetry = False


class LangChain(unittest.TestCase):
    def setUp(self):
        self.model = ChatOpenAI(model=MODEL, base_url=BASE + "/v1", api_key=KEY, max_tokens=300, temperature=0, max_retries=0)

    def test_invoke(self):
        reply = self.model.invoke([SystemMessage("Be brief."), HumanMessage("What is 12 + 30?"), AIMessage("42"), HumanMessage("Sure?")])
        self.assertTrue(reply.content)
        self.assertGreater(reply.usage_metadata["output_tokens"], 0)

    def test_a_picture(self):
        content = [{"type": "text", "text": "Which bar is the highest?"}, {"type": "image_url", "image_url": {"url": picture_url()}}]
        self.assertTrue(self.model.invoke([HumanMessage(content=content)]).content)

    def test_stream(self):
        pieces = [piece.content for piece in self.model.stream("What is 12 + 30?")]
        self.assertEqual("".join(pieces), self.model.invoke("What is 12 + 30?").content)

    def test_batch(self):
        self.assertEqual(len(self.model.batch(["What is 1 + 1?", "What is 2 + 2?"])), 2)

    def test_structured_output(self):
        class Sum(BaseModel):
            total: int = Field(ge=0, le=99)

        self.assertIsInstance(self.model.with_structured_output(Sum, method="json_schema").invoke("What is 12 + 30?"), Sum)


class LiteLlm(unittest.TestCase):
    def ask(self, **more):
        return litellm.completion(model="openai/" + MODEL, api_base=BASE + "/v1", api_key=KEY, max_tokens=300, **more)

    def test_chat_and_stream(self):
        whole = self.ask(messages=question(), temperature=0).choices[0].message
        self.assertTrue(whole.content)
        self.assertTrue(whole.reasoning_content)
        pieces = [chunk.choices[0].delta.content or "" for chunk in self.ask(messages=question(), temperature=0, stream=True)]
        self.assertEqual("".join(pieces), whole.content)

    def test_a_picture(self):
        self.assertTrue(self.ask(messages=question_with_picture()).choices[0].message.content)

    def test_errors_keep_their_class(self):
        with self.assertRaises(litellm.BadRequestError):
            self.ask(messages=question(), extra_body={"nonsense": 1})
        with self.assertRaises(litellm.NotFoundError):
            litellm.completion(model="openai/none", api_base=BASE + "/v1", api_key=KEY, messages=question())


class VlmEvalKit(unittest.TestCase):
    def test_its_request(self):
        content = [{"type": "text", "text": "Which bar is the highest?"},
                   {"type": "image_url", "image_url": {"url": picture_url(), "detail": "low"}}]
        payload = {"model": MODEL, "messages": [{"role": "user", "content": content}], "max_tokens": 2048, "n": 1, "temperature": 0}
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        reply = requests.post(BASE + "/v1/chat/completions", headers=headers, data=json.dumps(payload), timeout=66)
        self.assertEqual(reply.status_code, 200)
        self.assertTrue(json.loads(reply.text)["choices"][0]["message"]["content"].strip())


if __name__ == "__main__":
    unittest.main(verbosity=2)
