// Behaviours of streams that end, fail or look otherwise than they should; plain requests get a plain answer.
import { halfEvents } from "./play-transport.ts";
import { chunkOf, type Play, type Scene } from "./scene.ts";

/** Only streams are played with. */
function forStreams(play: Play): Play {
  return (scene) => (scene.request.stream ? play(scene) : scene.answer());
}

async function send(scene: Scene, texts: readonly string[]): Promise<void> {
  await scene.startStream();
  await scene.sendEvents(texts);
  await scene.endStream();
}

/** Everything but the dialect's end marker. */
export const noDone: Play = forStreams((scene) => send(scene, scene.events().slice(0, -1)));

/** Ends in order in the middle: no finish, no marker. */
export const endMidStream: Play = forStreams((scene) => send(scene, halfEvents(scene)));

export const emptyStream: Play = forStreams((scene) => send(scene, []));

/** The end marker alone. */
export const doneOnly: Play = forStreams((scene) => send(scene, [scene.form.end]));

export const errorBeforeContent: Play = forStreams((scene) =>
  send(scene, [
    ...scene.events().slice(0, scene.form.prefaces),
    scene.form.errorEvent("overloaded", "The model is overloaded."),
  ]),
);

export const errorFirst: Play = forStreams((scene) =>
  send(scene, [scene.form.errorEvent("overloaded", "The model is overloaded.")]),
);

export const errorMidStream: Play = forStreams((scene) =>
  send(scene, [...halfEvents(scene), scene.form.errorEvent("server-error", "The model crashed.")]),
);

/** An error event, and then the end as if nothing had been. */
export const errorThenDone: Play = forStreams((scene) =>
  send(scene, [...halfEvents(scene), scene.form.errorEvent("server-error", "The model crashed."), scene.form.end]),
);

export const jsonInstead: Play = (scene) => scene.plain(scene.bodyBytes());

export const wrongType: Play = async (scene) => {
  const type = [["content-type", "text/plain"]] as const;
  if (!scene.request.stream) return scene.plain(scene.bodyBytes(), 200, type);
  await scene.startStream(type);
  await scene.sendEvents(scene.events());
  await scene.endStream();
};

export const badEvent: Play = forStreams((scene) => send(scene, [...halfEvents(scene), 'data: {"id": tru\n\n']));

export const badFirstEvent: Play = forStreams((scene) => send(scene, ["data: not json at all\n\n"]));

/** Content after the finish, the finish before the content. */
export const outOfOrder: Play = forStreams((scene) => {
  const events = scene.events();
  return send(scene, [...events.slice(0, -1).reverse(), scene.form.end]);
});

export const crlfEvents: Play = forStreams((scene) =>
  send(
    scene,
    scene.events().map((event) => event.replaceAll("\n", "\r\n")),
  ),
);

/** Comments, fields that nobody knows, and data in several lines' worth of spellings. */
export const comments: Play = forStreams((scene) =>
  send(
    scene,
    scene
      .events()
      .flatMap((event, i) => [": keep-alive\n\n", `: PROCESSING\nid: ${i}\nretry: 3000\nfoo: bar\n${event}`]),
  ),
);

/** `data:` without the space behind it. */
export const noSpace: Play = forStreams((scene) =>
  send(
    scene,
    scene.events().map((event) => event.replace(/^data: /m, "data:")),
  ),
);

/** All events in one chunk and one write. */
export const oneWrite: Play = forStreams(async (scene) => {
  await scene.startStream();
  await scene.wire.write(chunkOf(scene.events().join("")));
  await scene.endStream();
});

/** An event of N MB. */
export const hugeEvent: Play = forStreams((scene) => {
  scene.change({ pieces: ["x".repeat(Math.min(scene.number(1), 64) * 1024 * 1024)] });
  return send(scene, scene.events());
});

/** The marker comes, the connection stays open and says no more. */
export const stallAfterDone: Play = forStreams(async (scene) => {
  await scene.startStream();
  await scene.sendEvents(scene.events());
  await scene.wire.stall();
});
