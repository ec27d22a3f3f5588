// The schema of a provider's key: its secret, its models, and what each kind of provider needs besides.
import { type Static, Type } from "typebox";
import { anything, block, flag, list, mapOf, names, secret, text, WEIGHT, written } from "./kinds.ts";

const deployments = mapOf("Model to its name at the provider (1.4 spelling of aliases).", Type.String(), {
  examples: [{ "gpt-4o": "my-gpt-4o" }],
});

const azureKey = block("Azure OpenAI resource of this key.", {
  endpoint: text("Address of the resource.", { examples: ["https://NAME.openai.azure.com"] }),
  api_version: text("API version of the resource.", { default: "2024-10-21" }),
  deployments,
  client_id: text("Id of the Entra application.", { examples: ["env.AZURE_CLIENT_ID"] }),
  client_secret: secret("Secret of the Entra application.", { examples: ["env.AZURE_CLIENT_SECRET"] }),
  tenant_id: text("Id of the Entra tenant.", { examples: ["env.AZURE_TENANT_ID"] }),
  scopes: names("Scopes of the token.", { examples: [["https://cognitiveservices.azure.com/.default"]] }),
});

const vertexKey = block("Google Cloud project of this key (provider vertex is not supported yet).", {
  project_id: text("Id of the project.", { examples: ["my-project"] }),
  project_number: text("Number of the project.", { examples: ["123456789012"] }),
  region: text("Region of the models.", { examples: ["us-central1"] }),
  auth_credentials: secret("Service account, JSON.", { examples: ["env.VERTEX_CREDENTIALS"] }),
  force_single_region: flag("Every call goes to this region."),
  deployments,
});

const batchStorage = block(
  "S3 buckets of batches.",
  {
    buckets: list(
      "The buckets.",
      block("A bucket.", {
        bucket_name: text("Name of the bucket.", { examples: ["my-batches"] }),
        prefix: text("Beginning of every object's name.", { examples: ["batches/"] }),
        is_default: flag("Used when none is named."),
      }),
    ),
  },
  { open: true },
);

const awsMembers = {
  access_key: secret("Name of the AWS access key.", { examples: ["env.AWS_ACCESS_KEY_ID"] }),
  secret_key: secret("The AWS secret key.", { examples: ["env.AWS_SECRET_ACCESS_KEY"] }),
  session_token: secret("Token of an AWS session.", { examples: ["env.AWS_SESSION_TOKEN"] }),
  region: text("AWS region.", { examples: ["us-east-1"] }),
  arn: text("ARN of an inference profile.", { examples: ["arn:aws:bedrock:us-east-1:123456789012"] }),
  role_arn: text("Role that is assumed.", { examples: ["arn:aws:iam::123456789012:role/gateway"] }),
  external_id: text("External id of the role.", { examples: ["gateway"] }),
  session_name: text("Name of the role's session.", { examples: ["gateway"] }),
  batch_role_arn: text("Role of batch jobs.", { examples: ["arn:aws:iam::123456789012:role/batches"] }),
  batch_s3_config: batchStorage,
  endpoints: anything("Addresses in place of the region's own.", {
    examples: [{ runtime: "https://vpce.example.com" }],
  }),
  deployments,
};

/** The members that only this server type has: its address. */
const localKey = (examples: readonly string[]) =>
  block("Address of the server of this key.", {
    url: text("Address of the server.", { examples }),
    model_name: text("The model that this server has.", { examples: ["llama-3.3-70b"] }),
  });

const alias = Type.Union(
  [
    Type.String(),
    block(
      "An alias with facts about the model.",
      {
        model_id: text("Model as the provider spells it.", { examples: ["gpt-4o-2024-11-20"] }),
        model_name: text("The model as price lists name it, where model_id tells nothing.", { examples: ["gpt-4o"] }),
        model_family: text("Family of the model.", { examples: ["gpt-4o"] }),
      },
      { open: true },
    ),
  ],
  {
    description: "The model at the provider.",
    expected: "the model's name at the provider, or an object with model_id",
  },
);

export const keySchema = block("One key of a provider.", {
  id: text("Identity of the key; made from its name when absent.", { examples: ["key-1"] }),
  name: text("Name of the key, for people and for key_ids.", { examples: ["main"] }),
  value: secret("The secret.", { examples: ["env.OPENAI_API_KEY"] }),
  key: secret("The secret, as api_keys spells it.", { examples: ["env.OPENAI_API_KEY"] }),
  models: names('Models that the key serves; absent or ["*"] = all, [] = none (version 1: all).', {
    examples: [["gpt-4o", "gpt-4o-mini"]],
  }),
  blacklisted_models: names("Models that the key never serves.", { examples: [["gpt-4-32k"]] }),
  weight: Type.Number({
    description: "Share of the requests among the keys of the provider.",
    default: 1,
    minimum: 0,
    maximum: 1_000_000,
    expected: WEIGHT,
  }),
  enabled: flag("A key that is off is never used.", true),
  use_for_batch_api: flag("The key serves batch and file requests.", false, { later: "batch requests by key" }),
  aliases: mapOf("Model as asked to model as the provider spells it.", alias, {
    examples: [{ fast: "gpt-4o-mini" }],
  }),
  azure_key_config: azureKey,
  vllm_key_config: localKey(["http://localhost:8000"]),
  ollama_key_config: localKey(["http://localhost:11434"]),
  sgl_key_config: localKey(["http://localhost:30000"]),
  vertex_key_config: vertexKey,
  bedrock_key_config: block("AWS account of this key (provider bedrock is not supported yet).", awsMembers),
  bedrock_mantle_key_config: block(
    "AWS account of this key (provider bedrock_mantle is not supported yet).",
    awsMembers,
    { open: true },
  ),
  replicate_key_config: block(
    "What Replicate needs (provider replicate is not supported yet).",
    {
      use_deployments_endpoint: flag("Models are asked as deployments."),
      deployments,
    },
    { open: true },
  ),
  // written by the API's answers, without meaning in a file
  description: text("For people.", { examples: ["the team's own"] }),
  config_hash: written("Written by the program."),
  status: written("Written by the program."),
});

/** The kind of provider that a block of a key is for. */
export const KEY_BLOCKS: Readonly<Record<string, string>> = {
  azure_key_config: "azure",
  vllm_key_config: "vllm",
  ollama_key_config: "ollama",
  sgl_key_config: "sgl",
  vertex_key_config: "vertex",
  bedrock_key_config: "bedrock",
  bedrock_mantle_key_config: "bedrock_mantle",
  replicate_key_config: "replicate",
};

export type KeyConfig = Static<typeof keySchema>;
