// The usage of OpenAI's other APIs and their like: pictures, speech, transcription, video, pages; counted by us where nobody reports.
import type { RawUsage, UsageKey } from "../../core/usage.ts";
import { inner, isObject, Report, tierOf } from "./report.ts";

/** Pictures as the request asked for them, for models that report no tokens. */
export interface PictureFacts {
  readonly count: number;
  readonly size?: unknown;
  readonly quality?: unknown;
}

const SIZE = /^\d{2,5}x\d{2,5}$/;
const QUALITY = /^[a-z]{1,16}$/;

function pictureKey({ size, quality }: PictureFacts): UsageKey {
  const parts = [
    typeof quality === "string" && QUALITY.test(quality) && quality !== "auto" ? quality : null,
    typeof size === "string" && SIZE.test(size) ? size : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "image_out" : `image_out/${parts.join("/")}`;
}

/** The usage of an images answer: its tokens where it tells them, else the pictures. */
export function decodeImagesUsage(value: unknown, pictures: PictureFacts): RawUsage {
  const report = new Report();
  const input = isObject(value) ? report.tokensIfTold(value, "input_tokens") : null;
  if (!isObject(value) || input === null) {
    report.add(pictureKey(pictures), Number.isSafeInteger(pictures.count) ? pictures.count : 0);
    return report.usage;
  }
  const details = inner(value, "input_tokens_details");
  const image = report.part(details, "image_tokens", input);
  const cached = inner(details, "cached_tokens_details");
  const cachedImage = report.part(cached, "image_tokens", image);
  const cachedText = report.part(cached, "text_tokens", input - image);
  report.add("input", input - image - cachedText);
  report.add("cached_input", cachedText);
  report.add("input_image", image - cachedImage);
  report.add("cached_image", cachedImage);
  const output = report.tokens(value, "output_tokens");
  // what a model for pictures puts out is pictures, except what it says is text
  const text = report.part(inner(value, "output_tokens_details"), "text_tokens", output);
  report.add("output_image", output - text);
  report.add("output", text);
  return report.usage;
}

/** The usage of a transcription: tokens, or seconds; `duration` of the answer where it has no usage object. */
export function decodeTranscriptionUsage(value: unknown, duration?: unknown): RawUsage {
  const report = new Report();
  if (!isObject(value) || value["type"] === "duration") {
    report.add(
      "second_in",
      report.amount(isObject(value) ? value : { duration }, isObject(value) ? "seconds" : "duration"),
    );
    return report.usage;
  }
  const input = report.tokens(value, "input_tokens");
  const audio = report.part(inner(value, "input_token_details"), "audio_tokens", input);
  report.add("input_audio", audio);
  report.add("input", input - audio);
  report.add("output", report.tokens(value, "output_tokens"));
  return report.usage;
}

/** The usage of speech: tokens where it tells them (what it puts out is audio), else the characters of the text. */
export function decodeSpeechUsage(value: unknown, characters: number): RawUsage {
  const report = new Report();
  if (isObject(value)) {
    report.add("input", report.tokens(value, "input_tokens"));
    report.add("output_audio", report.tokens(value, "output_tokens"));
  } else report.add("character_in", report.amount({ characters }, "characters"));
  return report.usage;
}

/** The usage of a video: its seconds, at the resolution that sets the price (`720p`, `1080p`). */
export function decodeVideoUsage(seconds: unknown, resolution?: unknown): RawUsage {
  const report = new Report();
  const told = typeof seconds === "string" && /^\d+(\.\d+)?$/.test(seconds) ? Number(seconds) : seconds;
  const at = typeof resolution === "string" && /^(\d{3,4}p|\dk)$/.test(resolution) ? resolution : null;
  report.add(at === null ? "second_out" : `second_out/${at}`, report.amount({ seconds: told }, "seconds"));
  return report.usage;
}

/** `usage_info` of an OCR answer. `isAnnotated`: the request asked for annotations, which have a price of their own. */
export function decodePagesUsage(value: unknown, isAnnotated: boolean, serviceTier?: unknown): RawUsage {
  const report = new Report();
  report.tier = tierOf(serviceTier);
  if (!isObject(value)) return report.usage;
  const pages = report.amount(value, "pages_processed");
  report.add("page", pages);
  if (isAnnotated) report.add("annotated_page", pages);
  return report.usage;
}
