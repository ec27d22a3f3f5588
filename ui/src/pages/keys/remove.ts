// Deletes that can be taken back for ten seconds: the row is gone at once, the gateway is told when the note has gone.
import { signal } from "@preact/signals";
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { toast } from "../../parts/toast.tsx";

/** Ids of what is on its way out: lists leave it out. */
export const leaving = signal<ReadonlySet<string>>(new Set());

function mark(id: string, isLeaving: boolean): void {
  const next = new Set(leaving.peek());
  if (isLeaving) next.add(id);
  else next.delete(id);
  leaving.value = next;
}

/** `path`: what a DELETE is sent to; `id`: unique among all lists of the page. */
export function removeLater(path: string, id: string, name: string): void {
  mark(id, true);
  toast({
    text: `${name} is deleted.`,
    undo: () => mark(id, false),
    onGone: async () => {
      try {
        await send("DELETE", path);
        await refresh("/api/governance/");
      } catch (error) {
        mark(id, false);
        toast({ text: `${name} was not deleted: ${toApiError(error).message}.`, tone: "bad" });
      }
    },
  });
}
