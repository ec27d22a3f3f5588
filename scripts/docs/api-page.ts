// The reference of the API as one page: each route with what goes in and comes out, and a form that calls this gateway.
import { escapeHtml, type Heading } from "./render.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
}

interface Described {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: { readonly $ref?: string }; readonly example?: unknown }>
    >;
  };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly example?: unknown }>> }>
  >;
}

interface Entry extends Described {
  readonly method: string;
  readonly path: string;
}

/** The middle of the page, and its headings. */
export function apiPage(document: unknown): { readonly html: string; readonly headings: readonly Heading[] } {
  const { paths, tags } = document as { paths: Record<string, Record<string, Described>>; tags: { name: string }[] };
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Entry => ({ ...described, method: method.toUpperCase(), path })),
  );
  const headings = tags.map(({ name }) => ({ level: 2, id: name.toLowerCase(), text: name }));
  const sections = headings.map(
    ({ id, text }) =>
      `<h2 id="${id}">${text}</h2>\n${entries
        .filter(({ tags: own }) => own[0] === text)
        .map(entryHtml)
        .join("\n")}`,
  );
  const html = `<h1>API</h1>
<p>Every route of this gateway, from the tables that it answers by. The same as
<a href="/openapi.json">openapi.json</a> for programs. What the management routes mean in detail stands in
<a href="/docs/management-api">the management API</a>.</p>
<p><label class="credential">Virtual key for tries of inference <input type="password" autocomplete="off" placeholder="none" data-credential></label></p>
${sections.join("\n")}`;
  return { html, headings };
}

function entryHtml(entry: Entry): string {
  const { method, path, summary, operationId, parameters = [] } = entry;
  const body = entry.requestBody?.content["application/json"];
  const answer = Object.entries(entry.responses["200"]?.content ?? {})[0];
  return `<details class="route" id="${operationId}"><summary><span class="method ${method.toLowerCase()}">${method}</span> <code>${escapeHtml(path)}</code> <span class="what">${inline(summary)}</span></summary>
${parameterTable(parameters)}${body === undefined ? "" : bodyText(body)}${answer === undefined ? "" : answerText(answer)}
<form class="try" data-method="${method}" data-path="${escapeHtml(path)}">
${parameters.map(({ name, in: place }) => `<label>${escapeHtml(name)} <input name="${escapeHtml(name)}" data-in="${place}" autocomplete="off"></label>`).join("\n")}
${body === undefined ? "" : `<label class="wide">Body <textarea name="body" rows="6" spellcheck="false">${escapeHtml(JSON.stringify(body.example ?? {}, null, 2))}</textarea></label>`}
<button type="submit">Call ${method}</button><output aria-live="polite"></output>
</form>
</details>`;
}

function inline(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function parameterTable(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    ({ name, in: place, description = "" }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${place}</td><td>${inline(description)}</td></tr>`,
  );
  return `<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table>\n`;
}

function bodyText({
  schema,
  example,
}: {
  readonly schema: { readonly $ref?: string };
  readonly example?: unknown;
}): string {
  const name = schema.$ref?.split("/").at(-1);
  const shape = name === undefined ? "" : `<p>Body: <code>${escapeHtml(name)}</code> of openapi.json.</p>\n`;
  return example === undefined
    ? shape
    : `${shape}<pre tabindex="0"><code>${escapeHtml(JSON.stringify(example, null, 2))}</code></pre>\n`;
}

function answerText([type, { example }]: readonly [string, { readonly example?: unknown }]): string {
  if (example === undefined)
    return type === "application/json" ? "" : `<p>Answers <code>${escapeHtml(type)}</code>.</p>\n`;
  return `<p>Answers</p><pre tabindex="0"><code>${escapeHtml(JSON.stringify(example, null, 2))}</code></pre>\n`;
}
