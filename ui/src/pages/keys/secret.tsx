// The secret of a virtual key, shown this once, with calls that are ready to run.
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { CodeBlock, copyText } from "../../parts/code-block.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Snippets } from "../../parts/snippets.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import type { VirtualKey } from "./types.ts";

/** A model that the key may use, for examples. */
export function exampleModel(key: Pick<VirtualKey, "provider_configs">): string {
  const row = key.provider_configs.find(({ weight }) => weight !== null) ?? key.provider_configs[0];
  const model = row?.allowed_models.find((name) => name !== "*") ?? null;
  if (model !== null) return model;
  return row?.provider === "demo" ? "demo/echo" : `${row?.provider ?? "PROVIDER"}/MODEL`;
}

export function CallSnippets({ of }: { readonly of: VirtualKey }) {
  return <Snippets needsKey body={{ model: exampleModel(of), messages: [{ role: "user", content: "Hello" }] }} />;
}

export function SecretOnce({ of, title }: { readonly of: VirtualKey; readonly title: string }) {
  const copy = async () => {
    if (await copyText(of.value)) toast({ text: "The secret is copied.", tone: "good" });
  };
  return (
    <Layout title={title} lead="Copy its secret now: it is shown this once.">
      <Card
        title="Secret"
        actions={
          <Button kind="primary" icon="copy" onClick={copy}>
            Copy secret
          </Button>
        }
      >
        <CodeBlock code={of.value} label="the secret" />
        <Note tone="plain">Lost it? Rotate the key: it gets another secret, and the old one is dead at once.</Note>
      </Card>
      <Card title="Use it">
        <CodeBlock code={`export DRAWBRIDGE_KEY=${of.value}`} label="the variable" />
        <CallSnippets of={of} />
      </Card>
      <div class="row">
        <ButtonLink href={`/keys/${encodeURIComponent(of.id)}`}>Show the key</ButtonLink>
        <ButtonLink href="/keys">All keys</ButtonLink>
      </div>
    </Layout>
  );
}
