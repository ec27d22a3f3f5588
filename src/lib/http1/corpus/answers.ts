// Raw answers for every framing shape, with what must come of each. Text is latin1.

/** `method`: of the request, GET unless told; `message`: "status|body"; `left`: bytes behind the message; `error`: it is refused. */
export interface AnswerCase {
  readonly name: string;
  readonly raw: string;
  readonly method?: string;
  readonly message?: string;
  readonly left?: number;
  readonly error?: true;
  readonly waits?: true;
}

const ok = (fields: string, body: string): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;
const chunked = (body: string): string => ok("Transfer-Encoding: chunked\r\n", body);
const good = (name: string, raw: string, message: string, left = 0): AnswerCase => ({ name, raw, message, left });
const bad = (name: string, raw: string): AnswerCase => ({ name, raw, error: true });

/** The corpus of the client side. */
export const ANSWERS: readonly AnswerCase[] = [
  good("content-length", ok("Content-Length: 3\r\n", "abc"), "200|abc"),
  good("content-length 0", ok("Content-Length: 0\r\n", ""), "200|"),
  good("chunks", chunked("3\r\nabc\r\n0\r\n\r\n"), "200|abc"),
  good("chunks with extensions and trailers", chunked("3;a=b\r\nabc\r\n0\r\nX-A: b\r\n\r\n"), "200|abc"),
  good("until close", ok("", "abc"), "200|abc"),
  good("until close, told so", ok("Connection: close\r\n", "abc"), "200|abc"),
  good("HTTP/1.0 until close", "HTTP/1.0 200 OK\r\n\r\nabc", "200|abc"),
  good("HTTP/1.0 with content-length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", "200|ab"),
  good("no reason phrase", "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na", "200|a"),
  good("no blank behind the status", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "200|a"),
  good("a reason in latin1", "HTTP/1.1 200 d\xe9j\xe0 vu\r\nContent-Length: 1\r\n\r\na", "200|a"),
  good("204", "HTTP/1.1 204 No Content\r\n\r\n", "204|"),
  good("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304|"),
  { name: "HEAD", method: "HEAD", raw: ok("Content-Length: 5\r\n", ""), message: "200|", left: 0 },
  { name: "HEAD, chunked", method: "HEAD", raw: ok("Transfer-Encoding: chunked\r\n", ""), message: "200|", left: 0 },
  good("an interim answer", `HTTP/1.1 100 Continue\r\n\r\n${ok("Content-Length: 1\r\n", "a")}`, "200|a"),
  good(
    "several interim answers",
    `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok("Content-Length: 1\r\n", "a")}`,
    "200|a",
  ),
  good("bytes behind a body", ok("Content-Length: 1\r\n", "abc"), "200|a", 2),
  good("a second answer", `${ok("Content-Length: 1\r\n", "a")}HTTP/1.1 200 OK\r\n\r\n`, "200|a", 19),
  good("bytes behind chunks", chunked("1\r\na\r\n0\r\n\r\nxyz"), "200|a", 3),
  good("a body where none may be", "HTTP/1.1 204 No Content\r\n\r\nabc", "204|", 3),
  { name: "a head without its end", raw: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", waits: true },
  { name: "a short body", raw: ok("Content-Length: 5\r\n", "abc"), waits: true },
  { name: "chunks cut off", raw: chunked("5\r\nabc"), waits: true },
  { name: "chunks without the last", raw: chunked("3\r\nabc\r\n"), waits: true },
  { name: "an interim answer alone", raw: "HTTP/1.1 100 Continue\r\n\r\n", waits: true },
  bad("both framings", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
  bad("content-length twice, differing", ok("Content-Length: 1\r\nContent-Length: 2\r\n", "ab")),
  bad("content-length twice, the same", ok("Content-Length: 1\r\nContent-Length: 1\r\n", "a")),
  bad("content-length negative", ok("Content-Length: -1\r\n", "a")),
  bad("content-length huge", ok("Content-Length: 99999999999999999999\r\n", "a")),
  bad("a coding we do not know", ok("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
  bad("HTTP/1.0 with transfer-encoding", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  bad("a folded field", ok("X-A: b\r\n c\r\n", "")),
  bad("a blank before a colon", ok("Content-Length : 1\r\n", "a")),
  bad("a bare LF", "HTTP/1.1 200 OK\nContent-Length: 1\n\na"),
  bad("a bare CR in a value", ok("X-A: b\rc\r\n", "")),
  bad("NUL in a value", ok("X-A: \0\r\n", "")),
  bad("NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n"),
  bad("a field without a colon", ok("X-A\r\n", "")),
  bad("another version", "HTTP/2.0 200 OK\r\n\r\n"),
  bad("another protocol", "ICY 200 OK\r\n\r\n"),
  bad("no status", "HTTP/1.1 \r\n\r\n"),
  bad("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"),
  bad("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"),
  bad("a status below 100", "HTTP/1.1 099 OK\r\n\r\n"),
  bad("a status above 599", "HTTP/1.1 600 OK\r\n\r\n"),
  bad("an interim answer of HTTP/1.0", `HTTP/1.0 100 Continue\r\n\r\n${ok("Content-Length: 1\r\n", "a")}`),
  bad("an interim answer that closes", `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${ok("", "a")}`),
  bad("garbage", "hello\r\n\r\n"),
  bad("a bad chunk size", chunked("zz\r\nabc\r\n0\r\n\r\n")),
  bad("a chunk longer than its size", chunked("1\r\nabc\r\n0\r\n\r\n")),
  bad("a trailer that frames", chunked("0\r\nContent-Length: 5\r\n\r\n")),
  bad("101 header fields", ok("X-A: b\r\n".repeat(101), "")),
  bad("a head without end", `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(200_000)}`),
];
