// Chooses a library, and which of the operands to lay out anew for it.
#include "kernels/matrix_product.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>

namespace r1v {
namespace {

constexpr int64_t kLargeProduct = int64_t{1} << 29;  // multiplications: 10 ms and more
constexpr int64_t kMultiplicationsACopy = 1024;      // what it saves on so many pays for a copied number twice

/// x W^T of contiguous x; W may have any strides.
using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                   std::string_view, c10::List<std::optional<at::Scalar>>,
                                   std::optional<std::string_view>);

/// oneDNN's product where this LibTorch was built with it.
const std::optional<c10::TypedOperatorHandle<LinearPointwise>>& onednn_linear() {
  static const auto found = []() -> std::optional<c10::TypedOperatorHandle<LinearPointwise>> {
    const auto schema = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!schema || !schema->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
    return schema->typed<LinearPointwise>();
  }();
  return found;
}

at::Tensor onednn_product(const at::Tensor& a_MK, const at::Tensor& b_KN) {
  const at::AutoDispatchBelowADInplaceOrView below;
  return onednn_linear()->call(a_MK.contiguous(), b_KN.t(), /*bias=*/std::nullopt, "none",
                               /*scalars=*/c10::List<std::optional<at::Scalar>>(), "");
}

}  // namespace

bool has_onednn_products() { return onednn_linear().has_value(); }

at::Tensor matrix_product(const at::Tensor& a_MK, const at::Tensor& b_KN) {
  const at::NoGradGuard no_grad;
  const int64_t rows = a_MK.size(0), columns = b_KN.size(1), multiplications = rows * columns * a_MK.size(1);
  const bool is_float = a_MK.is_cpu() && a_MK.scalar_type() == at::kFloat && b_KN.scalar_type() == at::kFloat;
  if (!is_float || multiplications < kLargeProduct || !has_onednn_products()) return at::mm(a_MK, b_KN);
  // One operand must be contiguous: a, or b turned, in (b^T a^T)^T; whoever reads the turned result lays it out anew.
  const int64_t copied = a_MK.is_contiguous() ? 0 : a_MK.numel();
  const int64_t copied_turned = (b_KN.t().is_contiguous() ? 0 : b_KN.numel()) + rows * columns;
  if (multiplications < kMultiplicationsACopy * std::min(copied, copied_turned)) return at::mm(a_MK, b_KN);
  return copied <= copied_turned ? onednn_product(a_MK, b_KN) : onednn_product(b_KN.t(), a_MK.t()).t();
}

}  // namespace r1v
