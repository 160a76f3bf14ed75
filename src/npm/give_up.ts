// Imported before all else: a tunnel for a program starts no programs itself.
Deno.permissions.revokeSync({ name: "run" });
