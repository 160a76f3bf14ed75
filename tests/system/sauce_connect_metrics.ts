// deno-lint-ignore-file camelcase -- names of the wire
/**
 * The metrics that Sauce Connect 5 has, and so has Sallyport.
 *
 * @module
 */

/** Metrics of the client without `sauce_connect_`, and the labels they must have. */
export const CLIENT_METRICS: Readonly<Record<string, readonly string[]>> = {
  dialer_dialed_total: ["host"],
  dialer_closed_total: ["host"],
  dialer_errors_total: ["host"],
  dialer_cx_active: ["host"],
  dialer_retries_total: [],
  errors_total: ["name"],
  http_request_duration_seconds_count: ["code", "method"],
  http_requests_in_flight: ["method"],
  http_requests_total: ["code", "method"],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  process_start_time_seconds: [],
  proxy_errors_total: ["reason"],
  tunnel_connect_duration_seconds_count: ["address"],
  tunnel_dialer_dialed_total: ["host"],
  tunnel_dialer_closed_total: ["host"],
  tunnel_dialer_errors_total: ["host"],
  tunnel_errors_total: ["type"],
  tunnel_info: ["addr", "hostname", "id", "name"],
  tunnel_received_bytes: ["conn"],
  tunnel_sent_bytes: ["conn"],
  version: ["commit", "time", "version"],
};

/** Metrics of the server likewise. */
export const SERVER_METRICS: Readonly<Record<string, readonly string[]>> = {
  cert_expiry_timestamp_seconds: ["cn", "dns_names", "organization", "role"],
  http_requests_total: ["code", "method"],
  proxy_errors_total: ["reason"],
  version: ["commit", "time", "version"],
};
