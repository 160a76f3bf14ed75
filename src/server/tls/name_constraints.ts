/** The names that a CA may sign for (RFC 5280 §4.2.1.10). */
// Must come first: the X.509 packages need it when they are loaded.
import "reflect-metadata";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  NameConstraints,
} from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import { isIpAddress } from "../../net/address/address.ts";
import { AddressRanges } from "../../net/address/address_ranges.ts";

/** `id-ce-nameConstraints`. */
const NAME_CONSTRAINTS = "2.5.29.30";
/** All addresses: a kind of name that is not mentioned would be free. */
const ALL_ADDRESSES: readonly string[] = ["0.0.0.0/0", "::/0"];

/**
 * The extension that limits a CA.
 *
 * @param permitted Domains, with all below them, and ranges of addresses
 * (`10.0.0.0/8`).
 */
export function limitTo(permitted: readonly string[]): x509.Extension {
  const ranges = permitted.filter((each) => each.includes("/"));
  const domains = permitted.filter((each) => !each.includes("/"));
  const subtrees = (names: readonly string[], isAddress: boolean) =>
    names.map((each) =>
      new GeneralSubtree({
        base: new GeneralName(
          isAddress ? { iPAddress: each } : { dNSName: each },
        ),
      })
    );
  const isOfVersion = (version: 4 | 6) => (range: string) =>
    range.includes(":") === (version === 6);
  const excluded = ALL_ADDRESSES.filter((all) =>
    !ranges.some(isOfVersion(all.includes(":") ? 6 : 4))
  );
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees([
      ...subtrees(domains, false),
      ...subtrees(ranges, true),
    ]),
    ...excluded.length > 0 && {
      excludedSubtrees: new GeneralSubtrees(subtrees(excluded, true)),
    },
  });
  return new x509.Extension(
    NAME_CONSTRAINTS,
    true,
    AsnConvert.serialize(constraints),
  );
}

/** What a CA may sign for; `undefined` when it is not limited. */
export function limitsOf(
  certificate: x509.X509Certificate,
): readonly string[] | undefined {
  const extension = certificate.getExtension(NAME_CONSTRAINTS);
  if (extension === null) return undefined;
  const { permittedSubtrees } = AsnConvert.parse(
    extension.value,
    NameConstraints,
  );
  return permittedSubtrees?.map(({ base }) =>
    base.dNSName ?? base.iPAddress ?? ""
  );
}

/** Whether limits permit a host. */
export function isPermitted(host: string, limits: readonly string[]): boolean {
  if (isIpAddress(host)) {
    const ranges = limits.filter((each) => each.includes("/"));
    return new AddressRanges(ranges).has(host);
  }
  const name = host.toLowerCase();
  return limits.some((each) => name === each || name.endsWith(`.${each}`));
}
