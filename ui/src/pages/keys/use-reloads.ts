// Reads a list anew when the configuration changed anywhere.
import { useEffect, useRef } from "preact/hooks";
import { configVersion } from "../../api/live-store.ts";

export function useReloads(reload: () => unknown): void {
  const version = configVersion.value;
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    void reload();
  }, [version]);
}
