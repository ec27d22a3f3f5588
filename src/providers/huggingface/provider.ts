// Hugging Face: OpenAI's form through its router, which picks one of many providers by the model's name.
import { openaiLike } from "../kit/openai-like.ts";

export const huggingface = openaiLike({
  name: "huggingface",
  label: "Hugging Face",
  baseUrl: "https://router.huggingface.co",
  environment: ["HF_TOKEN", "HUGGINGFACE_API_KEY", "HUGGINGFACEHUB_API_TOKEN"],
  // Its embeddings are a wire of their own (feature extraction), outside of the router's OpenAI-like part.
  operations: ["chat", "models"],
});
