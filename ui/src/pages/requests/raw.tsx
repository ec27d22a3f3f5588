// The bytes as client and provider sent them, what was sent on to each provider in their place, and the record itself.
import { useMemo, useState } from "preact/hooks";
import type { LogRow } from "../../../../src/core/stores.ts";
import { bytes } from "../../lib/format.ts";
import { JsonView } from "../../parts/json-view.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { KeptNote } from "./kept.tsx";
import { LongText } from "./long-text.tsx";

export function RawTab({ record }: { readonly record: LogRow }) {
  const [shown, setShown] = useState("request");
  const { raw_request: asked, raw_response: answered } = record;
  return (
    <>
      <KeptNote record={record} />
      <Tabs
        label="Raw"
        current={shown}
        onChange={setShown}
        tabs={[
          { id: "request", title: "Client's request", content: () => <Body text={asked} label="request" /> },
          { id: "sent", title: "Sent on", content: () => <SentOn record={record} /> },
          { id: "response", title: "Response", content: () => <Body text={answered} label="response" /> },
          { id: "record", title: "Record", content: () => <Whole record={record} /> },
        ]}
      />
    </>
  );
}

function Body({ text, label }: { readonly text: string | null; readonly label: string }) {
  const value = useMemo(() => jsonOf(text), [text]);
  if (text === null) return <p class="soft">The {label} is not kept: that takes the content level full.</p>;
  return (
    <>
      <p class="soft small num">{bytes(text.length)}</p>
      {value === undefined ? <LongText text={text} label={label} mono /> : <JsonView value={value} label={label} />}
    </>
  );
}

function jsonOf(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The body goes on as it came but for what is named here. */
function SentOn({ record }: { readonly record: LogRow }) {
  if (record.attempts.length === 0) return <p class="soft">Nothing was sent to any provider.</p>;
  return (
    <>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="What was sent on">
        <table class="table">
          <caption class="unseen">What each try sent in place of what the client sent</caption>
          <thead>
            <tr>
              <th scope="col">Try</th>
              <th scope="col">To</th>
              <th scope="col">Credential</th>
              <th scope="col">Model</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {record.attempts.map((attempt, index) => (
              <tr key={index}>
                <td class="num">{index + 1}</td>
                <td>{attempt.provider}</td>
                <td>{attempt.key === "" ? <span class="soft">none</span> : `key ${attempt.key}`}</td>
                <td>
                  <del class="requests-del">{record.requested_model}</del>{" "}
                  <ins class="requests-ins">{attempt.model}</ins>
                </td>
                <td class="soft">{attempt.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="soft">
        {record.dropped_params.length === 0
          ? "Every other field that the client sent went on."
          : `These fields could not be passed on to the provider that answered: ${record.dropped_params.join(", ")}.`}{" "}
        Headers of the client are not kept; credentials never are.
      </p>
    </>
  );
}

/** The record as the API tells it; contents stand in the other tabs. */
function Whole({ record }: { readonly record: LogRow }) {
  const value = useMemo(() => {
    const { raw_request: _request, raw_response: _response, ...rest } = record;
    return rest;
  }, [record]);
  return <JsonView value={value} label="record" />;
}
