// How the complexity of a request is told where nobody says otherwise: where the tiers begin, and which words count.
import type { ComplexityEntity } from "./entities.ts";

/** Single words and short phrases, lower case. */
export const STANDARD_COMPLEXITY: ComplexityEntity = Object.freeze({
  kind: "complexity",
  medium: 0.15,
  complex: 0.35,
  reasoning: 0.6,
  codeWords: words(
    "function, class, method, variable, code, coding, program, script, compile, compiler, debug, bug, stack trace, exception, " +
      "refactor, unit test, regex, sql, query, schema, migration, endpoint, api, json, yaml, html, css, javascript, typescript, " +
      "python, java, rust, golang, c++, bash, git, commit, merge conflict, pull request, docker, async, recursion, algorithm, " +
      "data structure, linter, syntax error, segfault, null pointer, memory leak, race condition",
  ),
  reasoningWords: words(
    "step by step, think through, reason about, explain why, prove, proof, derive, deduce, infer, analyze, analyse, evaluate, " +
      "compare, contrast, trade-off, trade-offs, pros and cons, root cause, justify, critique, hypothesis, assumptions, " +
      "implications, consequences, strategy, plan out, weigh, counterexample, edge cases, optimal, what if, walk me through",
  ),
  technicalWords: words(
    "architecture, distributed, microservice, microservices, scalability, throughput, latency, concurrency, consistency, " +
      "replication, sharding, partitioning, consensus, load balancer, load balancing, failover, kubernetes, terraform, " +
      "infrastructure, deployment, pipeline, observability, encryption, authentication, authorization, oauth, tls, protocol, " +
      "tcp, http, grpc, cache invalidation, message queue, event sourcing, idempotent, transaction, index, database, kernel, " +
      "scheduler, gpu, neural network, embedding, gradient, statistics, regression, compliance, threat model",
  ),
  simpleWords: words(
    "hi, hello, hey, thanks, thank you, good morning, good evening, bye, yes, no, ok, okay, what is, who is, when is, where is, " +
      "define, definition of, translate, spell, synonym, capital of, what time, weather, joke, how are you",
  ),
});

function words(text: string): readonly string[] {
  return Object.freeze(text.split(", "));
}
