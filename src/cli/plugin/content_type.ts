/** The media type of content whose sender does not name one. */
export function contentType(content: string): string {
  if (content.trimStart().startsWith("<")) return "text/html; charset=utf-8";
  try {
    JSON.parse(content);
    return "application/json";
  } catch {
    return "text/plain; charset=utf-8";
  }
}
