// The page Settings.
import { Empty } from "../../parts/empty.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import type { PageProps } from "../../shell/pages.ts";

export function Page(_: PageProps) {
  return (
    <Layout title="Settings">
      <Empty title="This page is being built" why="The API already answers what it will show." />
    </Layout>
  );
}
