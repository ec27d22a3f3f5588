// Reads from a refusal's own words what it means beyond its status: throttled, dead key, too long, not allowed.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";

interface Rule {
  readonly hint: Exclude<FailureHint, null>;
  /** Of the error's code or type. */
  readonly names: RegExp;
  /** Of its message. */
  readonly words: RegExp;
  /** Statuses at which the rule may speak; absent = every one. */
  readonly at?: (status: number) => boolean;
  /** The status at which the message alone is not enough. */
  readonly namesOnlyAt?: number;
}

/** An error inside a 200 answer or a stream has no status of its own: it may be any. */
const INSIDE = 200;
const BAD_REQUEST = [INSIDE, 400, 404, 413, 422];
const isBadRequest = (status: number): boolean => BAD_REQUEST.includes(status);
const isRefusal = (status: number): boolean => status === INSIDE || (status >= 400 && status < 500);
/** What a numeric code inside such an error says, as a status would. */
const BY_CODE: Readonly<Record<string, Exclude<FailureHint, null>>> = {
  "401": "key-rejected",
  "402": "key-rejected",
  "403": "key-rejected",
  "404": "model-not-found",
  "429": "rate-limited",
};

/**
 * In order; the first that fits decides. Signatures come before the rest, because their messages quote whatever the
 * conversation holds; length comes before throttling, because both speak of tokens and limits.
 */
const RULES: readonly Rule[] = [
  {
    hint: "signature-rejected",
    names: /^(invalid_encrypted_content|invalid_thought_signature|thinking_signature_invalid)$/,
    words:
      /invalid `?(thought_?)?signature|signature`? in `?(thinking|redacted_thinking)|(thinking|redacted_thinking)`? (or `?redacted_thinking`? )?blocks? .{0,60}cannot be modified|(thought|thinking|reasoning) signature .{0,40}(not valid|invalid|corrupt|verif)|corrupted thought signature|encrypted[ _]content .{0,80}(could not be|cannot be|not) (verified|decrypted|parsed)|item (with id )?'?(rs|msg|fc)_\w+'? (not found|of type)/i,
    at: isBadRequest,
  },
  {
    hint: "context-length",
    names:
      /^(context_length_exceeded|context_window_exceeded|string_above_max_length|prompt_too_long|input_too_long|request_too_large_for_model|max_tokens_exceeded|exceeded_context_window|exceed_context_size_error)$/,
    words:
      /maximum (context|prompt|input) length|context[ _](length|window|size)[^.]{0,60}(exceed|too (long|large|small)|overflow)|(exceed|overflow|longer than|larger than|greater than)[a-z]*[^.]{0,60}(context|model length|max_model_len)|(prompt|input|messages?)( is| are)? too (long|large)[^.]{0,40}(token|model|context|maximum|:|$)|too many (input |prompt )?tokens[^.]{0,20}(context|prompt|input)|reduce the length of (the|your) (messages|prompt|input)|input (token count|length)[^.]{0,80}exceed/i,
    at: isBadRequest,
  },
  {
    hint: "content-policy",
    names:
      /^(content_filter|content_policy_violation|content_policy|content_blocked|responsibleaipolicyviolation|moderation_blocked|invalid_prompt|sensitive_content_detected|data_inspection_failed|safety_check_failed)$/i,
    words:
      /content (management|usage) polic|content[ _]policy|content filter|flagged (by|as|for)|usage polic(y|ies)|safety (system|check|filter|guidelines)|output blocked by content|requires moderation/i,
    at: isRefusal,
  },
  {
    hint: "key-rejected",
    names:
      /^(invalid_api_key|incorrect_api_key|invalid_authentication|authentication_error|insufficient_quota|insufficient_credits|insufficient_balance|insufficient_user_quota|billing_error|billing_not_active|billing_hard_limit_reached|account_deactivated|access_terminated|payment_required|access_denied_account)$/,
    words:
      /(incorrect|invalid|missing|expired|revoked|wrong) (provided )?api[ _-]?key|api[ _-]?key (you )?(provided )?(is |was )?(not valid|invalid|incorrect|expired|disabled|revoked|not found)|insufficient[ _](quota|balance|credit|funds)|credit balance is too low|(exceeded|ran out of) your (current )?(quota|credits)|check your plan and billing|(account|organi[sz]ation)[^.]{0,40}(deactivated|suspended|disabled|blocked)|out of credits|credit limit exceeded|used (up )?all (available )?credits|spending limit|payment required|billing (hard limit|details)/i,
    at: isRefusal,
    // Some say "check your plan and billing" of every limit by the minute.
    namesOnlyAt: 429,
  },
  {
    hint: "rate-limited",
    names:
      /^(rate_limit|rate_limit_error|rate_limit_exceeded|rate_limited|ratelimitreached|too_many_requests|throttl\w*|throttlingexception|request_quota_exceeded|requests_limit_exceeded|tokens_limit_exceeded|toomanyrequests|resource_exhausted)$/i,
    words: /rate[ _-]?limit|too many requests|throttl/i,
  },
  {
    hint: "rate-limited",
    names: /^(quota_exceeded|tokens|requests|queue_exceeded|token_quota_exceeded)$/,
    words:
      /ratelimit|quota exceeded|exceeded (your )?quota|(request|token|usage|capacity|concurrency|concurrent)[^.]{0,20} limit (exceeded|reached)|limit exceeded|requests? per (second|minute|hour|day)|tokens? per (second|minute|hour|day)|usage limit|\b(rpm|tpm|rpd|tpd)\b|concurrent requests|slow down|resource (has been )?exhausted|high (traffic|demand)|capacity exceeded/i,
    // A 400 that speaks of a limit means the request's own size; a 500 that speaks of one has failed over it.
    at: (status) => status === INSIDE || (!isBadRequest(status) && status !== 500 && status !== 502 && status !== 504),
  },
  {
    hint: "model-not-found",
    names:
      /^(model_not_found|deploymentnotfound|model_not_available|invalid_model|unknown_model|model_not_supported|model_decommissioned|model_not_exist)$/i,
    words:
      /(model|deployment)\b[^.]{0,160}(does not exist|do(es)?n'?t exist|not[ _]found|is not (available|supported|a valid model)|not exist|has been (decommissioned|deprecated))|(unknown|invalid|no such|no available|not a valid) (model|deployment)|not a valid model|^model:? \S+$/i,
    at: (status) => status === 410 || (status !== 413 && isBadRequest(status)),
  },
];

/** Longer messages are cut before they are searched: they quote prompts, and the meaning stands at the front. */
const LOOKED_AT = 2000;

/** What the refusal says by itself, or null when its status says all. A provider's own quirks come before this. */
export function readHint(status: number, error: ProviderError): FailureHint {
  const message = error.message.slice(0, LOOKED_AT);
  for (const rule of RULES) {
    if (rule.at !== undefined && !rule.at(status)) continue;
    if (error.code !== undefined && rule.names.test(error.code)) return rule.hint;
    if (error.type !== undefined && rule.names.test(error.type)) return rule.hint;
    if (status !== rule.namesOnlyAt && rule.words.test(message)) return rule.hint;
  }
  return status === INSIDE ? (BY_CODE[error.code ?? ""] ?? null) : null;
}
