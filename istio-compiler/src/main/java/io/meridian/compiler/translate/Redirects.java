package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.meridian.model.istio.HttpAction.DerivePort;
import io.meridian.model.istio.HttpAction.Redirect;

/** Redirects. */
final class Redirects {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private Redirects() {}

    static RedirectAction redirect(Redirect redirect, HttpRouteContext context) {
        RedirectAction.Builder out = RedirectAction.newBuilder();
        redirect.authority().ifPresent(out::setHostRedirect);
        redirect.uri().ifPresent(out::setPathRedirect);
        redirect.prefixRewrite().ifPresent(out::setPrefixRewrite);
        redirect.scheme().ifPresent(out::setSchemeRedirect);
        out.setPortRedirect(port(redirect, context));
        out.setResponseCode(code(redirect.code()));
        return out.build();
    }

    /** 0: not said. A port that its scheme implies is not said, so that clients do not see ":443". */
    private static int port(Redirect redirect, HttpRouteContext context) {
        int port = redirect.port()
                .orElseGet(() -> redirect.derivePort()
                        // Envoy cannot derive it, but the routes are compiled for one port.
                        .filter(DerivePort.FROM_REQUEST_PORT::equals)
                        .map(derived -> context.port())
                        .orElse(0));
        String scheme = redirect.scheme().orElse(context.tls() ? "https" : "http");
        boolean implied =
                (port == HTTP_PORT && scheme.equals("http")) || (port == HTTPS_PORT && scheme.equals("https"));
        return implied ? 0 : port;
    }

    /**
     * Envoy knows five of the codes that a spec may have; the others, which istiod leaves without any action so that Envoy refuses the whole
     * configuration, become the default.
     */
    private static RedirectResponseCode code(int code) {
        return switch (code) {
            case 302 -> RedirectResponseCode.FOUND;
            case 303 -> RedirectResponseCode.SEE_OTHER;
            case 307 -> RedirectResponseCode.TEMPORARY_REDIRECT;
            case 308 -> RedirectResponseCode.PERMANENT_REDIRECT;
            default -> RedirectResponseCode.MOVED_PERMANENTLY;
        };
    }
}
