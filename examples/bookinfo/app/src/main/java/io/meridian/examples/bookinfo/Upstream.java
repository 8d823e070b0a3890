package io.meridian.examples.bookinfo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/**
 * Another service as its callers see it: called by name, through a base URL that may be a sidecar's. Safe for concurrent use.
 *
 * @param baseUrl where connections go
 * @param host the Host header: "details:9080"
 */
record Upstream(HttpClient client, URI baseUrl, String host) {
    static {
        // The JDK's client sets Host itself unless told otherwise before its first use; a service behind a sidecar has
        // to choose it.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    static HttpClient newClient(Duration connectTimeout) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                .build();
    }

    /** Any answer, or status 503 where none came within {@code timeout}. */
    Answer get(String path, Map<String, String> headers, Duration timeout) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(baseUrl.resolve(path)).timeout(timeout).header("Host", host);
        headers.forEach(request::header);
        try {
            HttpResponse<String> response = client.send(request.GET().build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            System.err.println("no answer host=" + host + " path=" + path + " error=" + e);
            return Answer.NONE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.NONE;
        }
    }

    record Answer(int status, String body) {
        static final Answer NONE = new Answer(503, "");

        boolean ok() {
            return status == 200;
        }
    }
}
