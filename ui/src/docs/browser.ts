// What the documentation's pages do in the browser: search titles and headings, and call routes from the reference.

interface SearchEntry {
  readonly title: string;
  readonly address: string;
  readonly page: string;
}

const MOST_FOUND = 12;

const input = document.querySelector<HTMLInputElement>("[data-search]");
const found = document.querySelector<HTMLUListElement>("[data-found]");
let index: Promise<readonly SearchEntry[]> | null = null;

async function load(): Promise<readonly SearchEntry[]> {
  const answer = await fetch("/docs/search.json");
  return answer.ok ? ((await answer.json()) as SearchEntry[]) : [];
}

async function search(list: HTMLUListElement, text: string): Promise<void> {
  index ??= load();
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const entries = await index;
  const hits = entries.filter(({ title, page }) =>
    words.every((word) => `${title} ${page}`.toLowerCase().includes(word)),
  );
  list.replaceChildren(...hits.slice(0, MOST_FOUND).map(item));
  if (words.length > 0 && hits.length === 0) {
    const nothing = document.createElement("li");
    nothing.textContent = "Nothing found in titles and headings.";
    list.append(nothing);
  }
  list.hidden = words.length === 0;
}

function item({ title, address, page }: SearchEntry): HTMLLIElement {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = title === page ? title : `${page}: ${title}`;
  const entry = document.createElement("li");
  entry.append(link);
  return entry;
}

if (input !== null && found !== null) {
  input.addEventListener("input", () => void search(found, input.value));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement)
      return;
    event.preventDefault();
    input.focus();
  });
}

for (const form of document.querySelectorAll<HTMLFormElement>("form.try"))
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void call(form);
  });

async function call(form: HTMLFormElement): Promise<void> {
  const output = form.querySelector("output") as HTMLOutputElement;
  const began = performance.now();
  show(output, "Calling …");
  try {
    const answer = await fetch(addressOf(form), requestOf(form));
    const text = await answer.text();
    const ms = Math.round(performance.now() - began);
    show(output, `${answer.status} ${answer.statusText} · ${ms} ms\n\n${pretty(text)}`);
  } catch (error) {
    show(output, `The gateway did not answer: ${String(error)}`);
  }
}

function addressOf(form: HTMLFormElement): string {
  let path = form.dataset["path"] ?? "/";
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll<HTMLInputElement>("input[data-in]")) {
    if (field.dataset["in"] === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value !== "") query.set(field.name, field.value);
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

function requestOf(form: HTMLFormElement): RequestInit {
  const body = form.querySelector<HTMLTextAreaElement>("textarea[name=body]")?.value;
  const key = document.querySelector<HTMLInputElement>("[data-credential]")?.value ?? "";
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key !== "" && form.dataset["path"]?.startsWith("/api/") === false) headers["x-bf-vk"] = key;
  return { method: form.dataset["method"] ?? "GET", headers, ...(body === undefined ? {} : { body }) };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Answers are text, whatever they hold. */
function show(output: HTMLOutputElement, text: string): void {
  const block = document.createElement("pre");
  block.tabIndex = 0;
  block.textContent = text;
  output.replaceChildren(block);
}
