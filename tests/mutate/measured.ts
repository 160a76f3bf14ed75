/**
 * Modules that were measured already. The next draw takes others.
 *
 * @module
 */

/** Those that were chosen because of what they do. */
const NAMED: readonly string[] = [
  "src/http1/parse/header_parser.ts",
  "src/server/proxy/dedicated_ports.ts",
  "src/client/sessions/connection_manager.ts",
  "src/net/dial/dial.ts",
  "src/server/proxy/dispatch.ts",
  "src/server/accounts/login_guard.ts",
  "src/client/rest/retry_after_policy.ts",
  "src/plugin/results/read_result.ts",
  "src/http2/hpack/decoder.ts",
  "src/net/address/address.ts",
  "src/net/tls/certificate_watch.ts",
  "src/store/storage_health.ts",
  "src/log/log_writer.ts",
];

/** Those that chance chose, a list for each draw. */
const DRAWN: readonly (readonly string[])[] = [
  [
    "src/api/resources/tunnel_resource.ts",
    "src/cli/cli.ts",
    "src/cli/live/status_lines.ts",
    "src/client/sessions/silence_watch.ts",
    "src/config/redact.ts",
    "src/http1/parse/header_reader.ts",
    "src/http2/flow/send_all.ts",
    "src/http2/hpack/encoder_table.ts",
    "src/http2/stream/pending_response.ts",
    "src/http2/stream/stream_state.ts",
    "src/inspector/record/plugin_edits.ts",
    "src/proxy/origin.ts",
    "src/server/rest/tunnels.ts",
    "src/web/format.ts",
  ],
  // --draw=20261201
  [
    "src/server/tunnels/tunnel_state.ts",
    "src/client/proxy/debug_proxy.ts",
    "src/http2/frames/settings.ts",
    "src/net/domains/domain_list.ts",
    "src/net/names/dns_message.ts",
    "src/proxy/errors/error_table.ts",
    "src/metrics/plugin_metrics.ts",
    "src/cli/commands/server_command.ts",
    "src/proxy/sites/send_http2.ts",
    "src/http1/client/connection_pool.ts",
  ],
  // --draw=20261202
  [
    "src/async/worker_permissions.ts",
    "src/inspector/pages/replay_page.ts",
    "src/net/stream/pipe.ts",
    "src/api/serving/failure_limits.ts",
    "src/async/lines_by_key.ts",
    "src/server/web/web_ui.ts",
    "src/plugin/loading/check_options.ts",
    "src/api/resources/tunnel_queries.ts",
    "src/metrics/process_metrics.ts",
    "src/server/rest/accounts.ts",
  ],
  // --draw=20261203
  [
    "src/websocket/deflate/deflater.ts",
    "src/inspector/pages/exchange_page.ts",
    "src/proxy/routes.ts",
    "src/metrics/duration_tally.ts",
    "src/proxy/sites/http2_connections.ts",
    "src/net/listen/connection_limits.ts",
    "src/config/values/plugin_use.ts",
    "src/http1/client/request_writer.ts",
    "src/server/proxy/intercept_connect.ts",
    "src/tunnel/wire_fields.ts",
  ],
  // --draw=20261211
  [
    "src/http2/options.ts",
    "src/config/errors.ts",
    "src/config/values/values.ts",
    "src/net/socks5/socks5_client.ts",
    "src/plugin/host/chain.ts",
    "src/plugin/running/call.ts",
    "src/http2/flow/receive_window.ts",
    "src/plugin/running/plugin_fetch.ts",
    "src/plugin/results/check_outcome.ts",
    "src/websocket/messages/message_writer.ts",
  ],
  // --draw=20261212
  [
    "src/websocket/frames/encode_frames.ts",
    "src/api/resources/account_resource.ts",
    "src/config/options/client_config.ts",
    "src/http1/write/output_buffer.ts",
    "src/net/tls/start_tls_over.ts",
    "src/tunnel/silence.ts",
    "src/config/values/near_miss.ts",
    "src/config/trusted_servers.ts",
    "src/inspector/inspector.ts",
  ],
  // --draw=20261213
  [
    "src/server/ports/advertise.ts",
    "src/client/rest/rest_client.ts",
    "src/config/sources/argv.ts",
    "src/client/rest/fetch_text.ts",
    "src/http2/connection/pings.ts",
    "src/server/acme_certificate.ts",
    "src/server/tunnels/recent_failures.ts",
    "src/cli/service/service_options.ts",
    "src/server/web/tunnels/tunnel_filter.ts",
    "src/config/field.ts",
  ],
  // --draw=20261214
  [
    "src/http2/stream/stream_table.ts",
    "src/http1/errors.ts",
    "src/net/listen/listen.ts",
    "src/server/rest/request_limits.ts",
    "src/server/acme/renewal.ts",
    "src/plugin/host/message_chain.ts",
    "src/cli/commands/service_command.ts",
    "src/client/read_pac.ts",
    "src/async/turns.ts",
  ],
];

/** All of them. */
export const MEASURED: readonly string[] = [...NAMED, ...DRAWN.flat()];
