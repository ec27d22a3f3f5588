// Writes the schema of a new configuration store as SQL, so that a first start need not load the query builder.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { configSchemaText } from "../src/store/migrations/config-schema-text.ts";

const target = path.resolve(import.meta.dirname, "../src/store/sqlite/config-schema.generated.ts");
writeFileSync(target, await configSchemaText());
console.log(`wrote ${target}`);
