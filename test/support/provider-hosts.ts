// Lets a configuration keep its providers' real host names: an HTTP proxy that answers CONNECT with a mock under a test CA.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";

export interface ProviderHosts {
  /** What the gateway is started with: HTTPS_PROXY and SSL_CERT_FILE. */
  readonly environment: Readonly<Record<string, string>>;
  /** Hosts that were asked for, in order, `host:port`. */
  readonly asked: readonly string[];
  close(): void;
}

interface Authority {
  readonly file: string;
  readonly key: string;
  readonly certificate: string;
}

function openssl(args: readonly string[], dir: string): void {
  execFileSync("openssl", [...args], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
}

/** A certificate authority and one certificate for all of `hosts`. */
function makeAuthority(hosts: readonly string[]): Authority {
  const dir = mkdtempSync(path.join(tmpdir(), "drawbridge-ca-"));
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ["req", "-x509", ...ec, "-keyout", "ca.key", "-out", "ca.pem", "-days", "400", "-subj", "/CN=test authority"],
    dir,
  );
  openssl(["req", ...ec, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=providers"], dir);
  writeFileSync(path.join(dir, "names.txt"), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}\n`);
  openssl(
    [
      "x509",
      "-req",
      "-in",
      "leaf.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-out",
      "leaf.pem",
      "-days",
      "400",
      "-extfile",
      "names.txt",
    ],
    dir,
  );
  return {
    file: path.join(dir, "ca.pem"),
    key: readFileSync(path.join(dir, "leaf.key"), "utf8"),
    certificate: readFileSync(path.join(dir, "leaf.pem"), "utf8"),
  };
}

/** `targets`: host → port on 127.0.0.1 that answers for it in plain HTTP. A host without one is refused by the proxy. */
export async function provideHosts(targets: Readonly<Record<string, number>>): Promise<ProviderHosts> {
  const authority = makeAuthority(Object.keys(targets));
  const asked: string[] = [];
  const sockets = new Set<net.Socket>();
  const proxy = http.createServer((_request, response) => response.writeHead(405).end());
  proxy.on("connect", (request, client: net.Socket) => {
    asked.push(request.url ?? "");
    const port = targets[(request.url ?? "").split(":")[0] as string];
    sockets.add(client);
    client.on("error", () => client.destroy());
    client.on("close", () => sockets.delete(client));
    if (port === undefined) {
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const secure = new tls.TLSSocket(client, { isServer: true, key: authority.key, cert: authority.certificate });
    const plain = net.connect(port, "127.0.0.1");
    secure.on("error", () => plain.destroy());
    plain.on("error", () => secure.destroy());
    secure.on("close", () => plain.destroy());
    plain.on("close", () => secure.destroy());
    secure.pipe(plain).pipe(secure);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as net.AddressInfo;
  return {
    environment: { HTTPS_PROXY: `http://127.0.0.1:${port}`, SSL_CERT_FILE: authority.file },
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
