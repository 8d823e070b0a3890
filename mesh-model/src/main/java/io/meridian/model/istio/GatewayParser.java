package io.meridian.model.istio;

import io.meridian.model.istio.Gateway.Server;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

final class GatewayParser {
    private static final Port NO_PORT = new Port(0, Protocol.AUTO, "", OptionalInt.empty());

    private GatewayParser() {}

    static Gateway parse(FieldReader in, ResourceKey key) {
        Gateway gateway = new Gateway(FieldChecks.labels(in, "selector"), in.objects("servers", GatewayParser::server));
        if (gateway.servers().isEmpty()) {
            in.error("servers", "is required and must have at least one server");
        }
        List<String> ports =
                gateway.servers().stream().map(server -> server.port().name()).toList();
        for (int i = 0; i < ports.size(); i++) {
            if (!ports.get(i).isEmpty() && ports.indexOf(ports.get(i)) < i) {
                in.error("servers[" + i + "].port.name", "duplicate port name \"" + ports.get(i) + "\"");
            }
        }
        return gateway;
    }

    private static Server server(FieldReader in) {
        Optional<String> bind = in.string("bind");
        boolean unix =
                bind.filter(address -> address.startsWith(FieldChecks.UNIX)).isPresent();
        in.require("port");
        Server server = new Server(
                in.string("name"),
                in.object("port", port -> port(port, unix)).orElse(NO_PORT),
                bind,
                in.hosts("hosts"),
                in.object("tls", TlsParser::server),
                in.string("defaultEndpoint"));
        FieldChecks.bind(in, "bind", bind, true);
        if (server.defaultEndpoint().isPresent()) {
            in.error("defaultEndpoint", "is not supported by this version (and not by current Istio)");
        }
        if (server.hosts().isEmpty()) {
            in.error("hosts", "is required and must name at least one host");
        }
        for (int i = 0; i < server.hosts().size(); i++) {
            checkHost(in, "hosts[" + i + "]", server.hosts().get(i));
        }
        checkTls(in, server);
        return server;
    }

    private static Port port(FieldReader in, boolean unix) {
        Port port = PortParser.parse(in, unix);
        in.require("protocol");
        if (!in.has("name") || port.name().isEmpty()) {
            in.error("name", "is required");
        }
        if (unix && port.number() != 0) {
            in.error("number", "must be 0 where bind is a unix path");
        }
        if (port.targetPort().isPresent()) {
            in.error("targetPort", "has no effect on Gateways and must not be given");
        }
        return port;
    }

    private static void checkHost(FieldReader in, String field, String text) {
        int slash = text.indexOf('/');
        String host = text.substring(slash + 1);
        if (slash >= 0) {
            String namespace = text.substring(0, slash);
            if (!namespace.equals("*") && !namespace.equals(".") && !Syntax.isDnsLabel(namespace)) {
                in.error(
                        field,
                        "before the / there must be a namespace, \".\" or \"*\", but it is \"" + namespace + "\"");
            }
        }
        if (!Syntax.isIpAddress(host)) {
            in.check(field, Syntax.wildcardHost(host));
        }
    }

    private static void checkTls(FieldReader in, Server server) {
        Protocol protocol = server.port().protocol();
        for (int i = 0; i < server.hosts().size(); i++) {
            String host = server.hosts().get(i);
            if (protocol.isTls() && Syntax.isPartialWildcard(host.substring(host.indexOf('/') + 1))) {
                in.error(
                        "hosts[" + i + "]",
                        "\"" + host + "\": where the protocol is " + protocol.text()
                                + ", the wildcard must stand for whole" + " labels, as in *.example.com");
            }
        }
        if (protocol.isTls() && server.tls().isEmpty()) {
            in.error("tls", "is required for protocol " + protocol.text());
        }
        server.tls().ifPresent(tls -> {
            boolean onlyRedirect = tls.mode() == ServerTlsSettings.Mode.PASSTHROUGH
                    && tls.certificates().isEmpty()
                    && tls.caCertificates().isEmpty();
            if (protocol.isHttp() && !onlyRedirect) {
                in.error(
                        "tls",
                        "must have httpsRedirect only for protocol " + protocol.text() + "; TLS needs HTTPS or TLS");
            } else if (!protocol.isHttp() && !protocol.isTls() && protocol != Protocol.AUTO) {
                in.error("tls", "is not allowed for protocol " + protocol.text() + "; TLS needs HTTPS or TLS");
            }
            if (tls.httpsRedirect() && !protocol.isHttp()) {
                in.warning("tls.httpsRedirect", "has an effect only on HTTP servers");
            }
        });
    }
}
