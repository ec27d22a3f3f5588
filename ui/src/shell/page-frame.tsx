// Shows the page of the present address: loads it, keeps the one before meanwhile, and catches what breaks in it.
import { Component, type ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { toApiError } from "../api/errors.ts";
import { place } from "../lib/router.ts";
import { Empty } from "../parts/empty.tsx";
import { ErrorPanel } from "../parts/error-panel.tsx";
import { Page } from "../parts/page.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { loadedPage, loadPage } from "./load-page.ts";
import { findPage, type PageEntry } from "./pages.ts";

/** ms until a page that is still loading is drawn in outline. */
const PATIENCE = 150;

export function PageFrame() {
  const found = findPage(place.value.path);
  if (found === null) return <NotFound path={place.value.path} />;
  return <Loaded key={found.page.name} page={found.page} rest={found.rest} />;
}

function Loaded({ page, rest }: { readonly page: PageEntry; readonly rest: readonly string[] }) {
  const [, draw] = useState(0);
  const [isSlow, setSlow] = useState(false);
  const known = loadedPage(page.name);
  const again = async () => {
    await loadPage(page);
    draw((count) => count + 1);
  };
  useEffect(() => {
    if (known?.type === "page") return;
    const timer = window.setTimeout(() => setSlow(true), PATIENCE);
    void again();
    return () => window.clearTimeout(timer);
  }, [page]);
  if (known === undefined) return isSlow ? <Outline title={page.title} /> : null;
  if (known.type === "failed")
    return (
      <Page title={page.title}>
        <ErrorPanel
          what={`The page ${page.title} could not be loaded.`}
          error={toApiError(known.error)}
          onRetry={again}
        />
      </Page>
    );
  return (
    <Boundary title={page.title}>
      <known.Page rest={rest} />
    </Boundary>
  );
}

function Outline({ title }: { readonly title: string }) {
  return (
    <Page title={title} isOutline>
      <Skeleton lines={6} />
    </Page>
  );
}

function NotFound({ path }: { readonly path: string }) {
  return (
    <Page title="No such page">
      <Empty
        title={`There is no page ${path}`}
        why="The address may be mistyped, or of another version."
        action={<a href="/">Go to Home</a>}
      />
    </Page>
  );
}

/** What breaks in one page leaves the menu and the other pages as they are. */
class Boundary extends Component<
  { readonly title: string; readonly children: ComponentChildren },
  { readonly error: unknown }
> {
  override state: { readonly error: unknown } = { error: null };

  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <Page title={this.props.title}>
        <ErrorPanel
          what="This page broke."
          error={toApiError(this.state.error)}
          onRetry={() => this.setState({ error: null })}
        />
      </Page>
    );
  }
}
