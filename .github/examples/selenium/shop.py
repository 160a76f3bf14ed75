import os

from selenium import webdriver
from selenium.webdriver.common.by import By

options = webdriver.ChromeOptions()
options.add_argument("--headless=new")
options.add_argument("--no-sandbox")
options.accept_insecure_certs = True
if os.environ.get("CHROMIUM"):
    options.binary_location = os.environ["CHROMIUM"]
options.set_capability("proxy", {
    "proxyType": "manual",
    "httpProxy": os.environ["PROXY"],
    "sslProxy": os.environ["PROXY"],
    # Chromium asks no proxy for loopback addresses by default.
    "noProxy": ["<-loopback>"],
})

service = webdriver.ChromeService(os.environ.get("CHROMEDRIVER") or None)
driver = webdriver.Chrome(options=options, service=service)
try:
    driver.get(os.environ["SHOP_URL"])
    assert driver.find_element(By.CSS_SELECTOR, "body").text
    driver.get(os.environ["SECURE_SHOP_URL"])
finally:
    driver.quit()
