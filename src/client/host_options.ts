/** Which hosts go where; the lists have regular expressions (RE2), `-` before one excludes, `all` is every host. */
export interface HostOptions {
  /** Hosts that are refused with 403. */
  readonly denyDomains?: readonly string[];
  /** Hosts that the server reaches itself, past the tunnel. */
  readonly directDomains?: readonly string[];
  /** The only hosts that go through the tunnel; excludes `directDomains`. */
  readonly tunnelDomains?: readonly string[];
  /** Hosts whose TLS the server intercepts. Plugins see the requests of these. */
  readonly tlsResignDomains?: readonly string[];
  /** Hosts whose TLS passes unchanged while that of all others is intercepted; excludes `tlsResignDomains`. */
  readonly tlsPassthroughDomains?: readonly string[];
  /** Hosts whose certificate is not verified where TLS is intercepted. */
  readonly insecureDomains?: readonly string[];
}
