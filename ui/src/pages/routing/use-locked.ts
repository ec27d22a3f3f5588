// Whether the file alone rules, so that nothing can be changed here.
import { useResource } from "../../api/resource.ts";

/** The file that rules; null = what is changed here is kept. */
export function useLocked(): string | null {
  const { data } = useResource<{ config_locked: boolean; config_path: string | null }>("/api/ui/state");
  return data?.config_locked === true ? (data.config_path ?? "config.json") : null;
}
