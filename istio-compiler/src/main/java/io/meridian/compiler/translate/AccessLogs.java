package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.meridian.api.type.v1.MeshSpec;
import java.util.List;

/** Access logs, as the mesh asks for them. */
public final class AccessLogs {
    private static final String NAME = "envoy.access_loggers.file";
    private static final String PATH = "/dev/stdout";

    /** Istio's default text format (istio.io, "Getting Envoy's access logs"). */
    private static final String DEFAULT_FORMAT =
            "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
                    + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%"
                    + " \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
                    + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\""
                    + " \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW%"
                    + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
                    + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    /** No route, or no filter chain. */
    private static final String NO_ROUTE = "NR";

    private AccessLogs() {}

    /** For requests and connections; empty when switched off. To the standard output of the proxy. */
    public static List<AccessLog> of(MeshSpec mesh) {
        return mesh.getAccessLog().getEnabled() ? List.of(log(mesh).build()) : List.of();
    }

    /** For listeners: of connections that no filter chain takes, and that nothing else would log. */
    public static List<AccessLog> ofListener(MeshSpec mesh) {
        if (!mesh.getAccessLog().getEnabled()) {
            return List.of();
        }
        AccessLog.Builder log = log(mesh);
        log.getFilterBuilder().getResponseFlagFilterBuilder().addFlags(NO_ROUTE);
        return List.of(log.build());
    }

    private static AccessLog.Builder log(MeshSpec mesh) {
        FileAccessLog file = FileAccessLog.newBuilder()
                .setPath(PATH)
                .setLogFormat(SubstitutionFormatString.newBuilder()
                        .setTextFormatSource(DataSource.newBuilder()
                                .setInlineString(format(mesh.getAccessLog().getFormat()))))
                .build();
        return AccessLog.newBuilder().setName(NAME).setTypedConfig(ProtoValues.any(file));
    }

    /** One line for each, also where the operator left out the end of the line. */
    private static String format(String asked) {
        if (asked.isEmpty()) {
            return DEFAULT_FORMAT;
        }
        return asked.endsWith("\n") ? asked : asked + "\n";
    }
}
