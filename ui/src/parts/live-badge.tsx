// Whether what is seen is live.
import { type LiveState, liveState } from "../api/live-store.ts";
import { StatusDot, type Tone } from "./status.tsx";

const SHOWN: Readonly<Record<LiveState, readonly [Tone, string, string]>> = {
  off: ["off", "not live", "Nothing is followed"],
  connecting: ["info", "connecting", "The stream of events is being opened"],
  open: ["good", "live", "Requests appear as they arrive"],
  waiting: ["warn", "reconnecting", "The stream of events broke off and is opened again"],
  refused: ["off", "not live", "The gateway does not offer its events here; load anew to see what is new"],
};

export function LiveBadge() {
  const [tone, word, reason] = SHOWN[liveState.value];
  return (
    <StatusDot tone={tone} reason={reason}>
      {word}
    </StatusDot>
  );
}
