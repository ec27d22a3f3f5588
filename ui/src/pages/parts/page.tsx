// All parts on one page, in builds for development: to look at them, and for the tests of what is seen.
import { useState } from "preact/hooks";
import { ApiError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { toast } from "../../parts/toast.tsx";
import { Charts, Timelines } from "./charts.tsx";
import { Controls } from "./controls.tsx";
import { Tables } from "./tables.tsx";
import { Texts } from "./texts.tsx";

const REFUSED = new ApiError('providers.openai.keys: a key named "main" is there already', {
  status: 400,
  code: "invalid_request",
});

export function Page() {
  const [tab, setTab] = useState("why");
  return (
    <Layout
      title="Parts"
      lead="Everything that pages are made of."
      actions={
        <Button icon="plus" kind="primary">
          Add a provider
        </Button>
      }
    >
      <Texts />
      <Controls />
      <Card title="Timeline">
        <Timelines />
      </Card>
      <Charts />
      <Tables />
      <Card title="Windows, notes, tabs">
        <div class="row">
          <Button
            onClick={() => toast({ text: "The key “backup” is deleted", undo: () => toast({ text: "It is back" }) })}
          >
            Toast with undo
          </Button>
          <Button onClick={() => toast({ text: "The gateway did not take it: the name is taken.", tone: "bad" })}>
            Toast of a failure
          </Button>
          <Button
            kind="danger"
            icon="trash"
            onClick={() =>
              confirm({
                title: "Delete the provider openai?",
                text: "Its two keys go with it. Virtual keys that name it keep the name.",
                act: "Delete",
                typed: "openai",
              })
            }
          >
            Delete
          </Button>
        </div>
        <Tabs
          label="Details"
          current={tab}
          onChange={setTab}
          tabs={[
            { id: "why", title: "Why", content: () => <p>The draw 0.31 fell to azure.</p> },
            { id: "messages", title: "Messages", content: () => <p>Two messages.</p> },
            { id: "cost", title: "Cost", content: () => <p>Input 12 tokens.</p> },
          ]}
        />
      </Card>
      <ErrorPanel
        what="The key was not saved."
        error={REFUSED}
        remedy="Choose another name."
        onRetry={() => new Promise((resolve) => setTimeout(resolve, 600))}
      />
      <Empty
        icon="requests"
        title="No request yet"
        why="Requests appear here as they arrive."
        action={<Button kind="primary">Send the first one</Button>}
      />
    </Layout>
  );
}
