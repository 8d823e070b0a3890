package io.meridian.model.istio;

import io.meridian.model.istio.Sidecar.CaptureMode;
import io.meridian.model.istio.Sidecar.Egress;
import io.meridian.model.istio.Sidecar.Ingress;
import io.meridian.model.istio.Sidecar.OutboundTrafficPolicy;
import io.meridian.model.resource.ResourceKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

final class SidecarParser {
    private static final Port NO_PORT = new Port(0, Protocol.AUTO, "", OptionalInt.empty());
    private static final Pattern LOCAL_ENDPOINT =
            Pattern.compile("(127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1]|\\[::])?:(\\d{1,5})");

    private SidecarParser() {}

    static Sidecar parse(FieldReader in, ResourceKey key) {
        Optional<Map<String, String>> selector = FieldChecks.workloadSelector(in, "labels");
        Sidecar sidecar = new Sidecar(
                selector,
                in.objects("ingress", SidecarParser::ingress),
                in.objects("egress", SidecarParser::egress),
                in.object("inboundConnectionPool", ConnectionPoolParser::parse),
                in.object("outboundTrafficPolicy", SidecarParser::outboundTrafficPolicy));
        if (sidecar.ingress().isEmpty()
                && sidecar.egress().isEmpty()
                && sidecar.inboundConnectionPool().isEmpty()
                && sidecar.outboundTrafficPolicy().isEmpty()) {
            in.error("", "must have at least one of ingress, egress, inboundConnectionPool and outboundTrafficPolicy");
        }
        checkIngressPorts(in, sidecar.ingress());
        checkEgressPorts(in, sidecar.egress());
        return sidecar;
    }

    private static Ingress ingress(FieldReader in) {
        in.require("port");
        Ingress ingress = new Ingress(
                in.object("port", port -> port(port, false)).orElse(NO_PORT),
                in.string("bind"),
                in.enumeration("captureMode", CaptureMode.class).orElse(CaptureMode.DEFAULT),
                in.string("defaultEndpoint"),
                in.object("tls", SidecarParser::ingressTls),
                in.object("connectionPool", ConnectionPoolParser::parse));
        FieldChecks.bind(in, "bind", ingress.bind(), false);
        ingress.defaultEndpoint().ifPresent(endpoint -> checkEndpoint(in, endpoint));
        return ingress;
    }

    private static Port port(FieldReader in, boolean zeroAllowed) {
        Port port = PortParser.parse(in, zeroAllowed);
        PortParser.checkName(in, "name", port.name());
        if (port.targetPort().isPresent()) {
            in.error("targetPort", "has no effect on Sidecars and must not be given");
        }
        return port;
    }

    private static ServerTlsSettings ingressTls(FieldReader in) {
        ServerTlsSettings tls = TlsParser.server(in);
        for (String field : new String[] {"subjectAltNames", "httpsRedirect", "credentialName", "credentialNames"}) {
            if (in.has(field)) {
                in.error(field, "is not supported in a Sidecar's ingress");
            }
        }
        if (tls.mode() == ServerTlsSettings.Mode.ISTIO_MUTUAL
                || tls.mode() == ServerTlsSettings.Mode.AUTO_PASSTHROUGH) {
            in.error("mode", tls.mode() + " is not allowed in a Sidecar's ingress");
        }
        return tls;
    }

    private static void checkEndpoint(FieldReader in, String endpoint) {
        if (endpoint.startsWith(FieldChecks.UNIX)) {
            in.check("defaultEndpoint", Syntax.unixPath(endpoint.substring(FieldChecks.UNIX.length())));
            return;
        }
        var parts = LOCAL_ENDPOINT.matcher(endpoint);
        if (!parts.matches()) {
            in.error(
                    "defaultEndpoint",
                    "must be 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix://PATH, but is \"" + endpoint
                            + "\"");
        } else if (Integer.parseInt(parts.group(2)) < 1 || Integer.parseInt(parts.group(2)) > 65535) {
            in.error("defaultEndpoint", "the port must be from 1 to 65535, but is " + parts.group(2));
        }
    }

    private static Egress egress(FieldReader in) {
        Optional<String> bind = in.string("bind");
        boolean unix =
                bind.filter(address -> address.startsWith(FieldChecks.UNIX)).isPresent();
        Egress egress = new Egress(
                in.object("port", port -> port(port, unix)),
                bind,
                in.enumeration("captureMode", CaptureMode.class).orElse(CaptureMode.DEFAULT),
                in.strings("hosts"));
        FieldChecks.bind(in, "bind", bind, true);
        if (unix && egress.captureMode() == CaptureMode.IPTABLES) {
            in.error("captureMode", "must be DEFAULT or NONE where bind is a unix path");
        }
        if (unix && egress.port().filter(port -> port.number() != 0).isPresent()) {
            in.error("port.number", "must be 0 where bind is a unix path");
        }
        if (egress.hosts().isEmpty()) {
            in.error("hosts", "is required and must name at least one host, for example \"./*\"");
        }
        FieldChecks.each(in, "hosts", egress.hosts(), SidecarParser::egressHost);
        return egress;
    }

    private static Optional<String> egressHost(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Optional.of("must be of the form namespace/host, but is \"" + text + "\"");
        }
        String namespace = text.substring(0, slash);
        boolean special = namespace.equals("*") || namespace.equals(".") || namespace.equals("~");
        if (!special && !Syntax.isDnsLabel(namespace)) {
            return Optional.of(
                    "before the / there must be a namespace, \".\", \"*\" or \"~\", but it is \"" + namespace + "\"");
        }
        return Syntax.wildcardHost(text.substring(slash + 1));
    }

    private static OutboundTrafficPolicy outboundTrafficPolicy(FieldReader in) {
        OutboundTrafficPolicy.Mode mode = in.enumeration("mode", OutboundTrafficPolicy.Mode.class)
                .orElse(OutboundTrafficPolicy.Mode.REGISTRY_ONLY);
        Optional<Destination> proxy = in.object("egressProxy", egressProxy -> {
            Destination destination = Destinations.parse(egressProxy);
            egressProxy.require("port");
            return destination;
        });
        if (proxy.isPresent() && mode != OutboundTrafficPolicy.Mode.ALLOW_ANY) {
            in.error("egressProxy", "is allowed only where mode is ALLOW_ANY");
        }
        return new OutboundTrafficPolicy(mode, proxy);
    }

    private static void checkIngressPorts(FieldReader in, List<Ingress> listeners) {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < listeners.size(); i++) {
            int number = listeners.get(i).port().number();
            if (number != 0 && !ports.add(number)) {
                in.error("ingress[" + i + "].port.number", "duplicate port " + number);
            }
        }
    }

    private static void checkEgressPorts(FieldReader in, List<Egress> listeners) {
        Set<String> bound = new HashSet<>();
        for (int i = 0; i < listeners.size(); i++) {
            Egress listener = listeners.get(i);
            String field = "egress[" + i + "]";
            if (listener.port().isEmpty()) {
                if (i < listeners.size() - 1) {
                    in.error(field + ".port", "is required except in the last listener, the catch-all");
                }
            } else {
                int number = listener.port().get().number();
                String address = number == 0 ? listener.bind().orElse("") : String.valueOf(number);
                if (!bound.add(address)) {
                    in.error(field + ".port.number", "duplicate listener " + address);
                }
            }
        }
    }
}
