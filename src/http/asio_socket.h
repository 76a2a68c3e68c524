// A socket of Boost.Asio, with TLS where there is a certificate. Includes Boost: for io_loop.cpp alone.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "http/socket.h"

namespace r1v {

/// tls  null: plain.
std::unique_ptr<Socket> make_socket(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

}  // namespace r1v
