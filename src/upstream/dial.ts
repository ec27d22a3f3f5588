// Opens the byte stream to an origin: name, TCP, proxy, tunnel, TLS, each with the kind of failure that is its own.
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import type { TransportFailureKind } from "../core/http.ts";
import { isAllowedAddress } from "./address-rules.ts";
import { AddressRefusedError } from "./guarded-lookup.ts";
import type { Route, SocksHop } from "./route.ts";
import { openSocks } from "./socks.ts";
import { openTunnel } from "./tunnel.ts";

/** What all connections of one pool have in common. */
export interface DialPlan {
  readonly route: Route;
  readonly demo: (() => Duplex) | undefined;
  readonly allowPrivateNetwork: boolean;
  /** For the origin: lets only allowed addresses through. */
  readonly lookup: LookupFunction;
  /** For a proxy, which is the operator's word. */
  readonly proxyLookup: LookupFunction;
  /** Made on first use: reading the authorities takes a while. */
  readonly trust: () => SecureContext;
  readonly proxyTrust: () => SecureContext;
  readonly proxySkipVerify: boolean;
  /** A connection through the proxy stands within this time, ms; 0 = no limit of its own. */
  readonly proxyTimeout: number;
  readonly insecureSkipVerify: boolean;
  /** Plain sockets all read into this. */
  readonly readBuffer: Buffer;
  /** The last TLS session of the origin, to be resumed. */
  session: Buffer | undefined;
}

export interface DialListener {
  /** `plain`: bytes come by `onRead`; otherwise they are the stream's 'data'. */
  onDialed(stream: Duplex, how: "plain" | "tls" | "memory"): void;
  onDialFailed(kind: TransportFailureKind, detail: string): void;
  /** What a plain socket read, valid until it returns. */
  onRead(bytes: Buffer): void;
}

type Stage = "connect" | "tls" | "proxy";

/** A connection while it is being opened. */
export class Dial {
  private readonly plan: DialPlan;
  private readonly listener: DialListener;
  private socket: Socket | null;
  private stage: Stage;
  private over: boolean;
  private timer: NodeJS.Timeout | null;
  private readonly onError: (error: NodeJS.ErrnoException) => void;
  private readonly onClose: () => void;

  constructor(plan: DialPlan, listener: DialListener) {
    this.plan = plan;
    this.listener = listener;
    this.socket = null;
    this.stage = plan.route.proxy === null && plan.route.socks === null ? "connect" : "proxy";
    this.over = false;
    this.timer = null;
    this.onError = (error) => this.failWith(error);
    this.onClose = () => this.fail(this.stage, "closed while it was opened");
  }

  /** Begins; the listener hears of it after this has returned. */
  start(): void {
    const { proxyTimeout } = this.plan;
    if (proxyTimeout > 0)
      this.timer = setTimeout(
        () => this.fail("connect-timeout", `no connection through the proxy in ${proxyTimeout} ms`),
        proxyTimeout,
      ).unref();
    try {
      this.open();
    } catch (error) {
      process.nextTick(() => this.failWith(error as Error));
    }
  }

  /** Gives up; the listener is not called any more. */
  abort(): void {
    this.end();
    this.socket?.destroy();
  }

  private open(): void {
    const { route, demo } = this.plan;
    if (route.demo) this.openDemo(demo);
    else if (route.socks !== null) this.openSocks(route.socks);
    else if (route.proxy !== null) this.openProxy(route.proxy.secure);
    else {
      if (isIP(route.host) !== 0 && !isAllowedAddress(route.host, this.plan.allowPrivateNetwork))
        throw new AddressRefusedError(route.host, [route.host]);
      if (route.secure) this.openTls(this.originTls());
      else this.openPlain(route.host, route.port, this.plan.lookup);
    }
  }

  private openDemo(demo: (() => Duplex) | undefined): void {
    if (demo === undefined) throw new Error("no demo provider was handed to this door");
    const stream = demo();
    process.nextTick(() => {
      if (this.over) stream.destroy();
      else this.done(stream, "memory");
    });
  }

  private openProxy(secure: boolean): void {
    const { route, proxyLookup, proxyTrust, proxySkipVerify } = this.plan;
    const { host, port } = route.proxy as { host: string; port: number };
    if (secure) {
      const socket = connectTls({
        host,
        port,
        lookup: proxyLookup,
        autoSelectFamily: true,
        secureContext: proxyTrust(),
        rejectUnauthorized: !proxySkipVerify,
        servername: serverName(host),
        ALPNProtocols: ["http/1.1"],
      } as ConnectionOptions);
      this.watch(socket).once("secureConnect", () => this.proxyReached(socket, "tls"));
    } else if (route.secure) {
      const socket = connectTcp({ host, port, lookup: proxyLookup, noDelay: true, autoSelectFamily: true });
      this.watch(socket).once("connect", () => this.proxyReached(socket, "plain"));
    } else this.openPlain(host, port, proxyLookup);
  }

  /** A tunnel for https origins; for http ones the proxy takes the request itself. */
  private proxyReached(socket: Socket, how: "plain" | "tls"): void {
    const { route } = this.plan;
    if (!route.secure) return this.done(socket, how);
    openTunnel(socket, route, route.proxy as NonNullable<Route["proxy"]>, (refusal) => {
      if (this.over) return;
      if (refusal !== null) return this.fail("proxy", refusal);
      this.openTlsOver(socket);
    });
  }

  /** The proxy is asked for a connection; over it goes TLS, or the request as it goes directly. */
  private openSocks(hop: SocksHop): void {
    const { route, proxyLookup } = this.plan;
    const { host, port } = hop;
    if (!route.secure) return this.openPlain(host, port, proxyLookup, hop);
    const socket = connectTcp({ host, port, lookup: proxyLookup, noDelay: true, autoSelectFamily: true });
    this.watch(socket).once("connect", () => {
      const take = this.shakeHands(socket, hop, () => {
        socket.off("data", take);
        socket.pause();
        this.openTlsOver(socket);
      });
      socket.on("data", take);
    });
  }

  /** What takes the socket's bytes until the proxy has opened the way. */
  private shakeHands(socket: Socket, hop: SocksHop, opened: () => void): (bytes: Buffer) => void {
    return openSocks(socket, this.plan.route, hop, (refusal) => {
      if (this.over) return;
      if (refusal === null) opened();
      else this.fail("proxy", refusal);
    });
  }

  private openTlsOver(socket: Socket): void {
    this.unwatch();
    // Its errors come through the TLS socket; this keeps a late one from being nobody's.
    socket.on("error", () => {});
    this.openTls({ ...this.originTls(), socket });
  }

  /** With a hop the first bytes are those of its handshake. */
  private openPlain(host: string, port: number, lookup: LookupFunction, hop: SocksHop | null = null): void {
    const { readBuffer } = this.plan;
    const { listener } = this;
    let take = (bytes: Buffer): void => listener.onRead(bytes);
    const callback = (count: number): boolean => {
      take(readBuffer.subarray(0, count));
      return true;
    };
    const onread = { buffer: readBuffer, callback };
    const socket = connectTcp({ host, port, lookup, noDelay: true, autoSelectFamily: true, onread });
    this.watch(socket).once("connect", () => {
      if (hop === null) return this.done(socket, "plain");
      take = this.shakeHands(socket, hop, () => {
        take = (bytes) => listener.onRead(bytes);
        this.done(socket, "plain");
      });
    });
  }

  private openTls(options: ConnectionOptions): void {
    if (options.socket !== undefined) this.stage = "tls";
    const socket = connectTls(options);
    socket.on("session", (session: Buffer) => {
      this.plan.session = session;
    });
    this.watch(socket)
      .once("connect", () => {
        this.stage = "tls";
      })
      .once("secureConnect", () => this.done(socket, "tls"));
  }

  private originTls(): ConnectionOptions {
    const { route, lookup, insecureSkipVerify, session } = this.plan;
    return {
      host: route.host,
      port: route.port,
      lookup,
      autoSelectFamily: true,
      secureContext: this.trust(),
      rejectUnauthorized: !insecureSkipVerify,
      servername: serverName(route.host),
      ALPNProtocols: ["http/1.1"],
      ...(session === undefined ? {} : { session }),
    } as ConnectionOptions;
  }

  /** Authorities that cannot be read are a fault of TLS, found before anything was connected. */
  private trust(): SecureContext {
    const { stage } = this;
    this.stage = "tls";
    const context = this.plan.trust();
    this.stage = stage;
    return context;
  }

  private watch<S extends Socket>(socket: S): S {
    this.socket = socket;
    socket.on("error", this.onError);
    socket.on("close", this.onClose);
    return socket;
  }

  private unwatch(): void {
    this.socket?.off("error", this.onError);
    this.socket?.off("close", this.onClose);
  }

  private end(): void {
    this.over = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private done(stream: Duplex, how: "plain" | "tls" | "memory"): void {
    if (this.over) return;
    this.end();
    this.unwatch();
    if (how === "tls") (stream as TLSSocket).setNoDelay(true);
    this.listener.onDialed(stream, how);
  }

  private failWith(error: Error & { code?: string; syscall?: string }): void {
    const detail = `${error.code ?? error.name}: ${error.message}`;
    if (error instanceof AddressRefusedError) return this.fail("address-refused", error.message);
    if (this.stage === "tls") this.plan.session = undefined;
    const isDns = this.stage === "connect" && error.syscall === "getaddrinfo";
    this.fail(isDns ? "dns" : this.stage, detail);
  }

  private fail(kind: TransportFailureKind, detail: string): void {
    if (this.over) return;
    this.end();
    this.socket?.destroy();
    this.listener.onDialFailed(kind, detail);
  }
}

/** SNI names hosts, never addresses. */
function serverName(host: string): string {
  return isIP(host) === 0 ? host : "";
}
