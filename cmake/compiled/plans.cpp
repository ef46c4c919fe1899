// SPDX-License-Identifier: MIT
// What fokker::compiled has, so that files which define FOKKER_COMPILED need not compile it.
#if defined(FOKKER_COMPILED)
#error "fokker: FOKKER_COMPILED is for those who use the library, not for what it is made of"
#endif

#include <fokker/make_plan.hpp>
#include <fokker/plan/builder.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0 {

template plan::program detail::planned(plan::trace, bool);
template plan::prediction plan::builder::call(expression&, const level&, const std::optional<level>&);
template plan::expression plan::builder::keep(const expression&);
template plan::expression plan::builder::convert(int, int, prediction_row, const char*) const;
template plan::expression plan::noise_path::operator()(const level&, const level&);
template void plan::validate(const plan::program&);
template std::vector<std::string> plan::findings_of(const plan::program&);
template std::string plan::printed::whole(const plan::program&);
template void plan::text_form::exchange(text_writer&, program&);
template void plan::text_form::exchange(text_reader&, program&);

}  // namespace fokker::inline v0
