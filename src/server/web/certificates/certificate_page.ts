/** What the server's certificates are and how their renewal goes, for admins: `/certificates`. */
import { X509Certificate } from "node:crypto";
import { Hono } from "hono";
import { html } from "hono/html";
import { systemClock } from "../../../async/clock.ts";
import {
  type Description,
  renderDescriptionRows,
} from "../../../web/components/description_list.ts";
import { formatDuration, renderTimestamp } from "../../../web/format.ts";
import type { Markup } from "../../../web/layout.ts";
import { AccountService } from "../../accounts/account_service.ts";
import { actorOf } from "../../rest/authentication.ts";
import type { AccountRoutesOptions } from "../keys/key_routes.ts";
import type { PageEnv } from "../session/sign_in.ts";

/** A certificate that is in use. */
export interface CertificateInUse {
  /** What it is for. */
  readonly title: string;
  /** Where it comes from, in words. */
  readonly source: string;
  /** The certificate, and what follows it in its chain, in PEM. */
  readonly pem: string;
}

/** How orders at an ACME server go. Times are in milliseconds since 1970. */
export interface AcmeState {
  /** The names that are ordered. */
  readonly domains: readonly string[];
  /** URL of the directory of the ACME server. */
  readonly directory: string;
  /** When the next order begins; `undefined` while one runs. */
  readonly next: number | undefined;
  /** Orders that have failed since the last certificate. */
  readonly failures: number;
  /** Why the last order failed; `undefined` after a good one. */
  readonly lastError:
    | { readonly at: number; readonly reason: string }
    | undefined;
}

/** What the page shows. */
export interface CertificatesView {
  readonly certificates: readonly CertificateInUse[];
  /** The orders, if there are any. */
  readonly acme: AcmeState | undefined;
}

/** `GET /certificates`. */
export function certificateRoutes(
  { accounts, layout, view, now = () => systemClock.now() }:
    & Pick<AccountRoutesOptions, "accounts" | "layout">
    & {
      readonly view: () => CertificatesView;
      readonly now?: () => number;
    },
): Hono<PageEnv> {
  return new Hono<PageEnv>().get("/certificates", (context) => {
    new AccountService(accounts, actorOf(context)).requireAdmin();
    const main = renderCertificatePage(view(), now());
    return layout(context, { title: "Certificates", main });
  });
}

function renderCertificatePage(
  { certificates, acme }: CertificatesView,
  now: number,
): Markup {
  return html`
    <h1>Certificates</h1>
    <p class="summary">What this server shows and signs with</p>
    ${certificates.map((each) => renderCertificate(each, now))}
    ${acme === undefined ? "" : renderAcme(acme, now)}
  `;
}

function renderCertificate(
  { title, source, pem }: CertificateInUse,
  now: number,
): Markup {
  const { subject, subjectAltName, issuer, validFrom, validTo, fingerprint256 }:
    Facts = new X509Certificate(pem);
  return html`
    <h2>${title}</h2>
    ${renderDescriptionRows([
      ["Names", subjectAltName ?? lineOf(subject)],
      ["Issuer", lineOf(issuer)],
      ["Source", source],
      ["Valid from", renderTimestamp(Date.parse(validFrom))],
      ["Expires", renderMoment(Date.parse(validTo), now)],
      ["SHA-256", html`<code>${fingerprint256}</code>`],
    ])}
  `;
}

/** Node's types do not say that certificates may have no subject. */
type Facts =
  & Pick<X509Certificate, "validFrom" | "validTo" | "fingerprint256">
  & {
    readonly [
      name in "subject" | "subjectAltName" | "issuer"
    ]: string | undefined;
  };

/** A name of several lines in one. */
function lineOf(name: string | undefined): string {
  return name?.replaceAll("\n", ", ") || "–";
}

function renderAcme(
  { domains, directory, next, failures, lastError }: AcmeState,
  now: number,
): Markup {
  const items: readonly Description[] = [
    ["Orders for", domains.join(", ")],
    ["ACME server", html`<code>${directory}</code>`],
    ["Next order", next === undefined ? "now" : renderMoment(next, now)],
    ["Failed orders", failures === 0 ? "None" : `${failures} in a row`],
    ...lastError === undefined ? [] : [
      ["Last error", lastError.reason] as const,
      ["Failed at", renderTimestamp(lastError.at)] as const,
    ],
  ];
  return html`
    <h2>Renewal by ACME</h2>
    ${renderDescriptionRows(items)}
  `;
}

/** A time, and how far away it is. */
function renderMoment(at: number, now: number): Markup {
  const away = formatDuration(Math.abs(at - now));
  return html`${renderTimestamp(at)}, ${
    at < now ? `${away} ago` : `in ${away}`
  }`;
}
