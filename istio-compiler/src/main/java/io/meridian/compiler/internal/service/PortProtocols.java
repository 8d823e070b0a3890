package io.meridian.compiler.internal.service;

import io.meridian.api.type.v1.InventoryService;
import io.meridian.model.istio.Protocol;
import java.util.Locale;

/** The protocol of a Kubernetes service's port: appProtocol, else the name's prefix (Istio's "Explicit protocol selection"). */
final class PortProtocols {
    private PortProtocols() {}

    static Protocol of(InventoryService.ServicePort port) {
        if (port.getProtocol().equals("UDP")) {
            return Protocol.UDP;
        }
        return port.getAppProtocol().isEmpty() ? ofName(port.getName()) : ofAppProtocol(port.getAppProtocol());
    }

    private static Protocol ofAppProtocol(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "kubernetes.io/h2c" -> Protocol.HTTP2;
            case "kubernetes.io/ws" -> Protocol.HTTP;
            case "kubernetes.io/wss" -> Protocol.HTTPS;
            default -> parse(text);
        };
    }

    private static Protocol ofName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals("grpc-web") || lower.startsWith("grpc-web-")) {
            return Protocol.GRPC_WEB;
        }
        int hyphen = lower.indexOf('-');
        return parse(hyphen < 0 ? lower : lower.substring(0, hyphen));
    }

    private static Protocol parse(String text) {
        return Protocol.parse(text).filter(protocol -> protocol != Protocol.UDP).orElse(Protocol.AUTO);
    }
}
