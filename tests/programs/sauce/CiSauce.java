// Sauce's library of Jenkins and TeamCity, as their plugins use it. It starts a
// program "sc", waits until it is ready, asks the REST API, and ends it.
// `java -cp 'JARS/*' CiSauce.java (run|legacy) PORT CA-FILE USER KEY PROGRAM`
import com.saucelabs.ci.sauceconnect.SauceConnectManager;
import com.saucelabs.saucerest.DataCenter;
import com.saucelabs.saucerest.SauceREST;
import com.saucelabs.saucerest.api.HttpClientConfig;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;

public class CiSauce {
  /** What was started, which must not outlive us. */
  private static Process process;

  public static void main(String[] args) {
    int code = 1;
    try {
      play(args);
      System.out.println("all well");
      code = 0;
    } catch (Throwable failure) {
      failure.printStackTrace();
    }
    if (process != null) process.destroyForcibly();
    System.exit(code);
  }

  private static void play(String[] args) throws Exception {
    boolean isLegacy = args[0].equals("legacy");
    int port = Integer.parseInt(args[1]);
    String user = args[3];
    String key = args[4];
    trust(args[2]);
    // Every request to api.us-west-1.saucelabs.com goes to our server.
    HttpClientConfig config = HttpClientConfig.defaultConfig().interceptor(chain -> {
      HttpUrl url = chain.request().url().newBuilder().host("localhost").port(port).build();
      return chain.proceed(chain.request().newBuilder().url(url).build());
    });
    SauceREST rest = new SauceREST(user, key, DataCenter.US_WEST, config);
    SauceConnectManager manager = new SauceConnectManager() {
      @Override
      public void setSauceRest(SauceREST theirs) {
        super.setSauceRest(rest);
      }
    };
    String options = isLegacy ? "-i lab" : "--tunnel-name lab";

    process = manager.openConnection(
        user, key, DataCenter.US_WEST, null, options, System.out, true, args[5], isLegacy);
    expect(process != null && process.isAlive(), "the program runs");
    var tunnels = rest.getSauceConnectEndpoint().getTunnelsInformationForAUser();
    expect(tunnels.size() == 1, "one tunnel: " + tunnels);
    expect(tunnels.get(0).status.equals("running"), tunnels.get(0).status);
    expect(tunnels.get(0).tunnelIdentifier.equals("lab"), tunnels.get(0).tunnelIdentifier);
    // A second build of the same name shares the tunnel, and does not start another.
    Process same = manager.openConnection(
        user, key, DataCenter.US_WEST, null, options, System.out, true, args[5], isLegacy);
    expect(same == process, "the same program");
    manager.closeTunnelsForPlan(user, options, System.out);
    expect(process.isAlive(), "it runs until the last build ends");
    manager.closeTunnelsForPlan(user, options, System.out);
    expect(process.waitFor(30, TimeUnit.SECONDS), "it ends");
    expect(rest.getSauceConnectEndpoint().getTunnelsForAUser().equals(List.of()), "no tunnel");
  }

  private static void expect(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }

  /** What this process trusts from now on. */
  private static void trust(String caFile) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (FileInputStream ca = new FileInputStream(caFile)) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(ca));
    }
    Path file = Files.createTempFile("trust", ".p12");
    file.toFile().deleteOnExit();
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      store.store(out, "secret".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "secret");
  }
}
