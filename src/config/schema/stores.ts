// The schema of the stores: where configuration, records and vectors are kept.
import type { Static, Type } from "typebox";
import {
  anything,
  block,
  choice,
  count,
  flag,
  headers,
  identity,
  secondsOrDuration,
  secret,
  text,
  whole,
} from "./kinds.ts";

const VAULT = { later: "vault stores" };
const OBJECTS = { later: "object storage of content" };
const VECTORS = { later: "vector stores" };
const WRITER = { later: "logs_store.writer" };

const database = block(
  "Where the store is: a file, or a PostgreSQL server (not supported yet).",
  {
    path: text("File of a SQLite store, absolute or relative to the app dir; it is made with mode 0600.", {
      examples: ["./config.db"],
    }),
    host: text("Host of the database.", { examples: ["db.example.com"] }),
    port: identity("Port of the database.", { examples: [5432] }),
    user: text("User at the database.", { examples: ["gateway"] }),
    password: secret("Password at the database.", { examples: ["env.DB_PASSWORD"] }),
    db_name: text("Name of the database.", { examples: ["gateway"] }),
    ssl_mode: text("How the connection is protected.", { examples: ["require"] }),
    max_idle_conns: count("Idle connections that are kept.", 5),
    max_open_conns: count("Connections at once.", 50),
  },
  // the members of other store types are named with their type
  { open: true },
);

export const configStoreSchema = block("Store of configuration.", {
  enabled: flag("Off: the file is the only state, and changes through the API are refused.", true),
  type: choice("Kind of store.", ["sqlite", "postgres"], { default: "sqlite" }),
  config: database,
  vault_store: block(
    "Where vault.path#field references are read.",
    {
      enabled: flag("Whether there is one.", true),
      type: text("Kind of vault.", { examples: ["hashicorp"] }),
      config: anything("Members of this kind of vault.", {
        examples: [{ address: "https://vault.example.com" }],
      }),
    },
    { ...VAULT, open: true },
  ),
});

const objectStorage: Type.TSchema = block(
  "Object storage of content.",
  {
    enabled: flag("Whether content goes there.", true),
    type: choice("Kind of object storage.", ["s3", "gcs"]),
    bucket: text("Name of the bucket.", { examples: ["gateway-logs"] }),
    prefix: text("Beginning of every object's name.", { examples: ["logs/"] }),
    region: text("Region of the bucket.", { examples: ["eu-central-1"] }),
    endpoint: text("Address of an S3-like service.", { examples: ["https://objects.example.com"] }),
    access_key_id: secret("Name of the access key.", { examples: ["env.AWS_ACCESS_KEY_ID"] }),
    secret_access_key: secret("The access key.", { examples: ["env.AWS_SECRET_ACCESS_KEY"] }),
    session_token: secret("Token of a session.", { examples: ["env.AWS_SESSION_TOKEN"] }),
    credentials: secret("Credentials of a service account, JSON.", { examples: ["env.GCS_CREDENTIALS"] }),
  },
  { ...OBJECTS, open: true },
);

export const logsStoreSchema = block("Store of records.", {
  enabled: flag("Off: no record is kept.", true),
  type: choice("Kind of store.", ["sqlite", "postgres", "clickhouse"], { default: "sqlite" }),
  config: database,
  retention_days: count("Days for which records are kept; comes before client.log_retention_days.", 365, {
    minimum: 1,
    maximum: 36_500,
  }),
  writer: block("How records are written.", {
    max_batch_size: count("Records of one write.", 1000, { ...WRITER, minimum: 1 }),
    batch_interval: secondsOrDuration("Longest wait of a record.", "5s", WRITER),
    write_queue_capacity: count("Records that wait at most.", 10_000, WRITER),
  }),
  object_storage: objectStorage,
});

const vectorConfig = block(
  "Where the vector store is.",
  {
    addr: text("Host and port of Redis.", { examples: ["localhost:6379"] }),
    username: text("User at Redis.", { examples: ["default"] }),
    password: secret("Password at Redis.", { examples: ["env.REDIS_PASSWORD"] }),
    db: whole("Number of the Redis database.", { examples: [0] }),
    use_tls: flag("Whether the connection is encrypted."),
    ca_cert_pem: text("Certificate authorities, PEM.", { examples: ["env.CA_PEM"] }),
    cluster_mode: flag("Whether it is a Redis cluster."),
    scheme: text("Scheme of Weaviate.", { examples: ["https"] }),
    host: text("Host of the store.", { examples: ["vectors.example.com"] }),
    port: whole("Port of the store.", { examples: [6334], maximum: 65_535 }),
    api_key: secret("Key of the store.", { examples: ["env.VECTOR_KEY"] }),
    headers: headers("Headers of every call."),
    grpc_config: block("gRPC of Weaviate.", {
      host: text("Host and port.", { examples: ["vectors.example.com:50051"] }),
      secured: flag("Whether the connection is encrypted."),
    }),
    timeout: secondsOrDuration("Longest time of a call.", "5s"),
    index_host: text("Host of the Pinecone index.", { examples: ["index.pinecone.io"] }),
  },
  { open: true },
);

export const vectorStoreSchema: Type.TSchema = block(
  "Store of vectors outside the gateway.",
  {
    enabled: flag("Whether it is used."),
    type: choice("Kind of store.", ["weaviate", "redis", "qdrant", "pinecone"]),
    config: vectorConfig,
  },
  VECTORS,
);

export type ConfigStoreConfig = Static<typeof configStoreSchema>;
export type LogsStoreConfig = Static<typeof logsStoreSchema>;
