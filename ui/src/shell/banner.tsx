// Says that the gateway does not answer, for as long as it does not.
import { useEffect, useState } from "preact/hooks";
import { isConnected, probeNow } from "../api/connection.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";

/** A page that is being left breaks off its calls: that is no lost connection. */
const PATIENCE = 400;

export function Banner() {
  const [isDue, setDue] = useState(false);
  const isLost = !isConnected.value;
  useEffect(() => {
    if (!isLost) return setDue(false);
    const timer = window.setTimeout(() => setDue(true), PATIENCE);
    return () => window.clearTimeout(timer);
  }, [isLost]);
  return (
    <div role="status">
      {isDue && (
        <div class="banner" data-testid="connection-banner">
          <Icon name="warning" />
          <span>The gateway does not answer. What you see is from before; it is asked again until it is back.</span>
          <Button small onClick={probeNow}>
            Ask now
          </Button>
        </div>
      )}
    </div>
  );
}
