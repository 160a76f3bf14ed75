"""A site on uvicorn. Says on standard output what it gets, one request a line."""


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    content = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            content = b"CUT"
            break
        content += message["body"]
        if not message["more_body"]:
            break
    text = content.decode("latin-1")
    print(f"{scope['method']} {scope['raw_path'].decode()}|{text}", flush=True)
    body = b"next" if scope["path"] == "/next" else b"first"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
