// Which prices are in force: those that come with the gateway, the sheet and its freshness, overrides; and a way to read it anew.
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { plural } from "../../lib/format.ts";
import { Button } from "../../parts/button.tsx";
import { Card, Facts } from "../../parts/card.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import type { PriceStatus } from "./types.ts";

async function sync(): Promise<void> {
  try {
    const { message } = await send<{ message: string }>("POST", "/api/pricing/force-sync");
    toast({ text: `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.` });
  } catch (error) {
    toast({ text: `The price sheet was not read: ${toApiError(error).message}`, tone: "bad" });
  }
  await refresh("/api/pricing");
}

export function PriceSheet() {
  const status = useResource<PriceStatus>("/api/pricing/status");
  return (
    <Card
      title="Prices in force"
      actions={
        <Button icon="retry" onClick={sync}>
          Read the sheet now
        </Button>
      }
    >
      <Loaded of={status} failed="The state of the prices could not be read.">
        {(data) => (
          <>
            <Facts
              rows={[
                ["With the gateway", `${data.bundled.date}, from ${data.bundled.sources.join(" and ")}`],
                ["Price sheet", data.price_sheet === null ? "none is configured" : <Sheet of={data.price_sheet} />],
                ["Set by hand", plural(data.overrides, "price")],
              ]}
            />
            {data.price_sheet === null && (
              <p class="soft small">
                A sheet of your own is named in <a href="/settings?q=pricing_url">framework.pricing.pricing_url</a>.
              </p>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}

/** Its members are those of the status, in words of the gateway. */
function Sheet({ of: sheet }: { readonly of: Readonly<Record<string, unknown>> }) {
  const error = sheet["last_error"] ?? sheet["error"];
  const shown = Object.entries(sheet).filter(
    ([name, value]) => !/error/.test(name) && (typeof value === "string" || typeof value === "number"),
  );
  return (
    <span class="stack-tight">
      {shown.map(([name, value]) => (
        <span key={name}>
          <span class="soft">{name.replaceAll("_", " ")}</span> {String(value)}
        </span>
      ))}
      {typeof error === "string" && error !== "" && <Note tone="warn">{error}</Note>}
    </span>
  );
}
