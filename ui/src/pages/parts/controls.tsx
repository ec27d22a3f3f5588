// Buttons, fields, switches, the split bar.
import { useState } from "preact/hooks";
import { sharesOf } from "../../lib/split.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { SplitBar } from "../../parts/split-bar.tsx";
import { Segments, Switch } from "../../parts/switch.tsx";

const NAMES = ["azure", "openai", "anthropic"] as const;
const MODELS = [
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-5",
  "claude-haiku-4-5",
  "claude-sonnet-4-5",
  "gemini-2.5-flash",
  "gemini-2.5-pro",
  "mistral-large",
  "command-r",
  "echo",
];
const SPANS = [
  { value: "1h", label: "1 h" },
  { value: "24h", label: "24 h" },
  { value: "7d", label: "7 d" },
] as const;

export function Controls() {
  const [name, setName] = useState("research");
  const [model, setModel] = useState("gpt-4o");
  const [isOn, setOn] = useState(true);
  const [span, setSpan] = useState<"1h" | "24h" | "7d">("24h");
  const [shares, setShares] = useState(sharesOf([0.6, 0.3, 0.1]));
  return (
    <div class="grid">
      <Card title="Fields">
        <TextField
          label="Name"
          value={name}
          onInput={setName}
          hint="Shown in the log and in reports"
          origin={{ type: "saved" }}
        />
        <TextField
          label="Base URL"
          value="http://10.0.0.7"
          onInput={setName}
          mono
          error="Private addresses need allow_private_network"
          origin={{ type: "file", detail: "config.json:14" }}
        />
        <TextField
          label="Timeout"
          type="number"
          value="30"
          onInput={setName}
          unit="s"
          optional
          origin={{ type: "default" }}
        />
        <Select
          label="Model"
          value={model}
          onChange={setModel}
          options={MODELS.map((value) => ({ value, label: value, hint: "128k" }))}
        />
      </Card>
      <Card title="Buttons and switches">
        <div class="row">
          <Button kind="primary">Save</Button>
          <Button icon="retry">Test</Button>
          <Button kind="danger" icon="trash">
            Delete
          </Button>
          <Button kind="bare">Cancel</Button>
          <Button disabled>Save</Button>
          <Button busy>Testing</Button>
          <Button icon="copy" label="Copy" />
        </div>
        <Switch label="Key is on" on={isOn} onChange={setOn} />
        <Segments label="Range" value={span} options={SPANS} onChange={setSpan} />
        <SplitBar
          label="Split of the traffic"
          parts={NAMES.map((part, index) => ({ name: part, share: shares[index] ?? 0 }))}
          onChange={setShares}
        />
      </Card>
    </div>
  );
}
