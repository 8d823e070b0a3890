package io.meridian.cli.verb;

import io.meridian.api.type.v1.IngressGatewaySpec.PortMapping;
import io.meridian.cli.exit.CliFailure;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Ports of ingress gateways as people write and read them. */
final class PortMappings {
    private static final int MAX_PORT = 65_535;

    private PortMappings() {}

    /** NAME:SERVICE-PORT:CONTAINER-PORT[:PROTOCOL]. */
    static PortMapping parse(String text) {
        List<String> parts = List.of(text.split(":", -1));
        if (parts.size() < 3 || parts.size() > 4 || parts.getFirst().isEmpty()) {
            throw CliFailure.usage("--port: \"" + text + "\" is not NAME:SERVICE-PORT:CONTAINER-PORT[:PROTOCOL]");
        }
        return PortMapping.newBuilder()
                .setName(parts.get(0))
                .setServicePort(port(text, parts.get(1)))
                .setContainerPort(port(text, parts.get(2)))
                .setProtocol(parts.size() == 4 ? parts.get(3).toUpperCase(Locale.ROOT) : "HTTP")
                .build();
    }

    private static int port(String text, String number) {
        boolean digits =
                !number.isEmpty() && number.length() <= 5 && number.chars().allMatch(Character::isDigit);
        int port = digits ? Integer.parseInt(number) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw CliFailure.usage("--port: \"" + text + "\": \"" + number + "\" is not a port (1 to 65535)");
        }
        return port;
    }

    /** "80:8080/HTTP,443:8443/HTTPS". */
    static String text(List<PortMapping> ports) {
        return ports.stream()
                .map(port -> port.getServicePort() + ":" + port.getContainerPort() + "/" + port.getProtocol())
                .collect(Collectors.joining(","));
    }
}
