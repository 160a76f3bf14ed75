/** The user that every test system knows. */

/** Its name and its access key. */
export const USER = { name: "demo", key: "demo-key-123456" } as const;

/** The name of the tunnel unless a test says otherwise. */
export const TUNNEL = "lab";

/** The login of {@linkcode USER} at the proxy, for a tunnel with this name. */
export function credentialsFor(tunnelName: string): string {
  return `${USER.name}+${tunnelName}:${USER.key}`;
}

/** The login for the usual tunnel. */
export const CREDENTIALS: string = credentialsFor(TUNNEL);
