import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;

/** Run it with: java -cp "jars/*" Shop.java */
public class Shop {
  public static void main(String[] args) {
    var proxy = System.getenv("PROXY");
    var options = new ChromeOptions();
    options.addArguments("--headless=new", "--no-sandbox");
    options.setAcceptInsecureCerts(true);
    if (System.getenv("CHROMIUM") != null) {
      options.setBinary(System.getenv("CHROMIUM"));
    }
    // Chromium asks no proxy for loopback addresses by default.
    options.setCapability("proxy", Map.of(
        "proxyType", "manual",
        "httpProxy", proxy,
        "sslProxy", proxy,
        "noProxy", List.of("<-loopback>")));
    if (System.getenv("CHROMEDRIVER") != null) {
      System.setProperty("webdriver.chrome.driver", System.getenv("CHROMEDRIVER"));
    }
    WebDriver driver = new ChromeDriver(options);
    try {
      driver.get(System.getenv("SHOP_URL"));
      if (driver.findElement(By.cssSelector("body")).getText().isEmpty()) {
        throw new AssertionError("the page is empty");
      }
      driver.get(System.getenv("SECURE_SHOP_URL"));
    } finally {
      driver.quit();
    }
  }
}
